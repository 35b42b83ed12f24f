import { array, assert, boolean, constantFrom, double, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compare } from '../../../plugins/nx-study/src/analysis/compare.ts';
import type { CompareOptions } from '../../../plugins/nx-study/src/analysis/compare.ts';
import { concludeAll } from '../../../plugins/nx-study/src/analysis/conclusion.ts';
import { isAbsent } from '../../../plugins/nx-study/src/base/known.ts';
import { expectFinite, expectInterval, expectNear, fixtures, present, repetitions } from './fixtures.ts';

describe.each(['ratio', 'difference'] as const)('a %s', (scale) => {
  test.each(fixtures.paired)('paired, as SciPy has it: $candidate', (one) => {
    const found = compare(repetitions(one.candidate), repetitions(one.baseline), { scale, pairs: true });
    const pairs = one.candidate.length;
    expect(found.n).toEqual({ candidate: pairs, baseline: pairs, pairs });
    expectSame(found, one[scale], scale === 'ratio' ? 'paired-t-of-logs' : 'paired-t');
  });

  test.each(fixtures.welch)('by Welch, as SciPy has it: $candidate', (one) => {
    const found = compare(repetitions(one.candidate), repetitions(one.baseline), { scale, pairs: false });
    expect(found.n).toEqual({ candidate: one.candidate.length, baseline: one.baseline.length, pairs: null });
    expectSame(found, one[scale], scale === 'ratio' ? 'welch-t-of-logs' : 'welch-t');
  });
});

function expectSame(
  found: ReturnType<typeof compare>,
  expected: { estimate: number; p: number; interval: readonly number[] },
  kind: string,
): void {
  expectNear(found.estimate, expected.estimate);
  expectNear(found.p, expected.p);
  expectInterval(found.interval, expected.interval);
  expect(found.interval).toMatchObject({ level: 0.95, kind });
}

const ratio = { scale: 'ratio', pairs: true } as const;

test('below 3 pairs there is the ratio, and no interval', () => {
  const [found] = concludeAll([compare(repetitions([2, 8, null]), repetitions([1, 2, 3]), ratio)]);
  expect(found).toMatchObject({
    n: { candidate: 2, baseline: 2, pairs: 2 },
    dropped: { candidate: [2], baseline: [2] },
    estimate: expect.closeTo(Math.sqrt(8), 12),
    interval: { value: null, reason: 'no interval below 3 pairs of repetitions; there are 2' },
    p: { value: null },
    needed: { value: null },
  });
  const unpaired = compare(repetitions([2, 8, 9, 7]), repetitions([1, 2]), { ...ratio, pairs: false });
  expect(unpaired.interval).toEqual({ value: null, reason: 'no interval below 3 repetitions; there are 2' });
});

test('the same ratio in each pair has no interval, instead of one without width', () => {
  const [found] = concludeAll([compare(repetitions([0.85, 1.7, 0.255, 2.55]), repetitions([1, 2, 0.3, 3]), ratio)]);
  expect(found).toMatchObject({
    estimate: expect.closeTo(0.85, 12),
    interval: { value: null, reason: expect.stringContaining('agree to 12 digits') },
    p: { value: null },
    needed: { value: null },
  });
});

test('what subtraction leaves of large values is no spread', () => {
  const large = [1_000_000.1, 2_000_000.2, 3_000_000.3];
  const moved = repetitions(large.map((value) => value + 0.1));
  const found = compare(moved, repetitions(large), { scale: 'difference', pairs: true });
  expect(found.interval).toMatchObject({ value: null, reason: expect.stringContaining('agree to 12 digits') });
});

test('one side without spread is no hindrance for Welch', () => {
  const found = compare(repetitions([5, 5, 5]), repetitions([1, 2, 3]), { scale: 'difference', pairs: false });
  expectNear(found.estimate, 3);
  // As a one-sample test of 1, 2, 3 against 5.
  expectInterval(found.interval, [3 - 4.302652729911275 / Math.sqrt(3), 3 + 4.302652729911275 / Math.sqrt(3)]);
});

test('a ratio of zero or less has a reason', () => {
  const found = compare(repetitions([0, 1, 2]), repetitions([1, 2, 3]), ratio);
  expect(found).toMatchObject({
    n: { pairs: 3 },
    estimate: { value: null, reason: expect.stringContaining('one is 0') },
  });
  expect(compare([], [], ratio)).toMatchObject({ estimate: { value: null, reason: 'no repetition has a value' } });
});

test('the repetitions needed are for the relevant difference where one is declared', () => {
  const sides = [repetitions([1.02, 1.3, 0.9, 1.2]), repetitions([1, 1.1, 1, 1.05])] as const;
  const neededFor = (options: CompareOptions) => present(concludeAll([compare(...sides, options)])[0]!.needed);
  const observed = neededFor(ratio);
  const relevant = neededFor({ ...ratio, relevant: 0.01 });
  expect(observed).toBeLessThan(relevant);
  expect(() => compare(...sides, { ...ratio, relevant: 0 })).toThrow('the relevant difference must be above 0, not 0');
});

test('among many comparisons more repetitions are needed', () => {
  const one = compare(repetitions([1.5, 1.62, 1.71]), repetitions([1, 1.02, 0.97]), ratio);
  const neededAmong = (count: number) => present(concludeAll(Array.from({ length: count }, () => one))[0]!.needed);
  expect(neededAmong(1)).toBe(3);
  expect(neededAmong(100)).toBeGreaterThan(3);
});

test('Monte Carlo errors of both sides add up: of a difference in its unit, of a ratio as shares', () => {
  const sides = [repetitions([1.8]), repetitions([1.2])] as const;
  const mcse = { candidate: 0.003, baseline: 0.004 };
  const found = compare(...sides, { scale: 'difference', pairs: true, mcse });
  expectInterval(found.monte_carlo, [0.59, 0.61]);
  expectNear(present(found.monte_carlo).mcse, 0.005);
  const error = Math.hypot(0.003 / 1.8, 0.004 / 1.2);
  expectInterval(compare(...sides, { ...ratio, mcse }).monte_carlo, [
    1.5 * Math.exp(-2 * error),
    1.5 * Math.exp(2 * error),
  ]);
  expect(compare(...sides, { ...ratio, mcse: { ...mcse, baseline: null } }).monte_carlo).toMatchObject({ value: null });
});

const values = array(double({ min: 0.01, max: 100, noNaN: true }), { minLength: 3, maxLength: 8 });

test('property: exchanging the sides turns the ratio around, scaling both leaves it', () => {
  assert(
    property(values, values, boolean(), (one, other, pairs) => {
      const options = { scale: 'ratio', pairs } as const;
      const forth = compare(repetitions(one), repetitions(other), options);
      const back = compare(repetitions(other), repetitions(one), options);
      const ms = (side: number[]) => repetitions(side.map((value) => value * 1000));
      const scaled = compare(ms(one), ms(other), options);
      expect(present(forth.estimate) * present(back.estimate)).toBeCloseTo(1, 8);
      expect(present(scaled.estimate) / present(forth.estimate)).toBeCloseTo(1, 8);
      if (isAbsent(forth.interval)) return;
      expect(forth.interval.low * present(back.interval).high).toBeCloseTo(1, 6);
      expect(present(back.p)).toBeCloseTo(present(forth.p), 8);
      expect(present(scaled.p)).toBeCloseTo(present(forth.p), 8);
    }),
  );
});

test('property: no NaN and no infinity for any numbers', () => {
  const any = array(double(), { maxLength: 5 });
  assert(
    property(any, any, constantFrom('ratio' as const, 'difference' as const), boolean(), (one, other, scale, pairs) => {
      const mcse = { candidate: one[0] ?? null, baseline: 1 };
      expectFinite(compare(repetitions(one), repetitions(other), { scale, pairs, mcse, relevant: 0.1 }));
    }),
    {
      numRuns: 500,
      examples: [
        [[1.7e308, 1.7e308, -1.7e308], [-1.7e308, -1.7e308, 1.7e308], 'difference', false],
        [[1.7e308, 1.6e308, 1.5e308], [-1.7e308, -1.6e308, -1.7e308], 'difference', true],
        [[1e308, 1e-308, 1], [1e-308, 1e308, 1], 'ratio', true],
      ],
    },
  );
});
