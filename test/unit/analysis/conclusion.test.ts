import { expect, test } from 'vitest';
import { compare } from '../../../plugins/nx-study/src/analysis/compare.ts';
import type { CompareOptions } from '../../../plugins/nx-study/src/analysis/compare.ts';
import { concludeAll } from '../../../plugins/nx-study/src/analysis/conclusion.ts';
import { repetitions } from './fixtures.ts';

const baseline = [1, 1.02, 0.98, 1.01];
const conclusionOf = (candidate: readonly number[], options: Partial<CompareOptions> = {}) => {
  const comparison = compare(repetitions(candidate), repetitions(baseline), {
    scale: 'ratio',
    pairs: false,
    ...options,
  });
  return concludeAll([comparison])[0]!.conclusion;
};
const times = (factor: number) => baseline.map((value) => value * factor);

test.each([
  ['larger', times(1.3), null],
  ['smaller', times(0.7), null],
  ['not told apart', times(1.01), null],
  ['relevantly larger', times(1.3), 0.1],
  ['relevantly smaller', times(0.7), 0.1],
  // 1 / 1.2 is 0.83.
  ['relevantly smaller', times(0.805), 0.2],
  ['larger', times(1.1), 0.1],
  ['smaller', times(1 / 1.1), 0.1],
  ['equivalent', times(1.01), 0.1],
  // It is larger, but by nothing that matters.
  ['equivalent', times(1.05), 0.2],
  ['not told apart', times(1.01), 0.02],
  ['no interval', [1, 2], 0.1],
  ['no interval', [0, 1, 2], null],
])('%s: %j, relevant from %s', (conclusion, candidate, relevant) => {
  expect(conclusionOf(candidate, { relevant })).toBe(conclusion);
});

test('a difference in units is judged in units', () => {
  expect(conclusionOf(times(1.3), { scale: 'difference', relevant: 0.2 })).toBe('relevantly larger');
  expect(conclusionOf(times(0.7), { scale: 'difference', relevant: 0.2 })).toBe('relevantly smaller');
  expect(conclusionOf(times(1.01), { scale: 'difference', relevant: 0.2 })).toBe('equivalent');
});

test('a difference within 2 Monte Carlo errors is none, whatever the repetitions say', () => {
  const mcse = (error: number) => ({ mcse: { candidate: error, baseline: 0 } });
  expect(conclusionOf(times(1.3), mcse(0.1))).toBe('larger');
  expect(conclusionOf(times(1.3), mcse(0.2))).toBe('not told apart');
  expect(conclusionOf(times(1.01), { relevant: 0.1, ...mcse(0.06) })).toBe('not told apart');
  // One run each.
  const single = (value: number) =>
    compare(repetitions([value]), repetitions([1]), { scale: 'difference', pairs: true, ...mcse(0.01) });
  expect(concludeAll([single(1.015), single(1.03)]).map(({ conclusion }) => conclusion)).toEqual([
    'not told apart',
    'no interval',
  ]);
});

test('among many comparisons a small p value is not enough', () => {
  const other = compare(repetitions(times(1.04)), repetitions(baseline), { scale: 'ratio', pairs: false });
  const alone = concludeAll([other])[0]!;
  const noise = compare(repetitions(times(1.001)), repetitions(baseline), { scale: 'ratio', pairs: false });
  const without = compare(repetitions([1]), repetitions(baseline), { scale: 'ratio', pairs: false });
  const all = concludeAll([without, other, noise, noise, noise]);
  expect(alone.conclusion).toBe('larger');
  expect(all[1]!.conclusion).toBe('not told apart');
  expect(all[0]!.p_adjusted).toBeNull();
  expect(all[1]!.p_adjusted).toBeCloseTo(4 * alone.p_adjusted!, 12);
});
