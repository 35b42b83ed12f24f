import { array, assert, double, property } from 'fast-check';
import { expect, test } from 'vitest';
import { driftOf } from '../../../plugins/nx-study/src/analysis/drift.ts';
import { expectFinite, expectNear, fixtures, present } from './fixtures.ts';

const runs = (values: readonly (number | null)[], group = 'a') => values.map((value) => ({ group, value }));

test.each(fixtures.drift)('as pymannkendall has it: $series', ({ series, p, slope_per_run }) => {
  const found = present(driftOf(runs(series)));
  expect(found).toMatchObject({ n: series.length, dropped: 0 });
  expectNear(found.p, p);
  expectNear(found.slope_per_run, slope_per_run);
});

test.each(fixtures.interleaved)('of experiments in turns, as pymannkendall has it: $values', (fixture) => {
  const { values, period, p, slope_per_run } = fixture;
  const found = present(driftOf(values.map((value, index) => ({ group: String(index % period), value }))));
  expectNear(found.p, p);
  expectNear(found.slope_per_run, slope_per_run);
});

test('experiments of other sizes are compared with their own mean', () => {
  const fast = [1, 1.02, 1.04, 1.06, 1.08, 1.1];
  const mixed = fast.flatMap((value) => [
    { group: 'fast', value },
    { group: 'slow', value: 1000 * value },
  ]);
  const found = present(driftOf(mixed));
  expect(found.p).toBeLessThan(0.001);
  expect(found.slope_per_run).toBeCloseTo(0.02 / 2 / 1.05, 3);
});

test('on several machines runs follow each other on each of them, whatever their clocks say', () => {
  const values = [1, 1.02, 1.04, 1.06, 1.08, 1.1];
  const on = (machine: string) => values.map((value) => ({ group: `a ${machine}`, machine, value }));
  const one = present(driftOf(on('n1')));
  const [first, second] = [on('n1'), on('n2')];
  const together = first.flatMap((run, index) => [run, second[index]!]);
  for (const order of [together, [...first, ...second]])
    expect(present(driftOf(order)).slope_per_run).toBeCloseTo(one.slope_per_run, 12);
});

/** Runs with a value of each workload; one experiment. */
const withWorkloads = (runsOf: readonly Record<string, number | null>[]) =>
  runsOf.flatMap((values, index) =>
    Object.entries(values).map(([workload, value]) => ({ group: 'a', run: String(index), workload, value })),
  );

test('workloads of a run are one value of it: they share the run, and make no drift more certain', () => {
  const rising = [1, 1.02, 1.04, 1.06, 1.08, 1.1];
  const found = present(driftOf(withWorkloads(rising.map((value) => ({ short: value, long: 50 * value, chat: 7 })))));
  // S = 15, its variance 6 · 5 · 17 / 18, and z = 14 / √(85 / 3) = 2.630; SciPy has 2 · norm.sf(z).
  expect(found).toMatchObject({ n: 6, dropped: 0 });
  expectNear(found.p, 0.00853492041422708);
  const one = present(driftOf(runs(rising)));
  expect(found.p).toBe(one.p);
  // A third of the workloads does not drift.
  expect(found.slope_per_run).toBeCloseTo((2 / 3) * one.slope_per_run, 12);
});

test('the value of a run is the mean over its workloads, each as a share of its own mean', () => {
  const [short, long] = [
    [2.1, 1.9, 2.4, 2.0, 2.2, 1.8, 2.3],
    [31, 30, 33, 35, 32, 36, 34],
  ];
  const [meanShort, meanLong] = [2.1, 33];
  const together = short.map((value, index) => (value / meanShort + long[index]! / meanLong) / 2);
  const found = present(driftOf(withWorkloads(short.map((value, index) => ({ short: value, long: long[index]! })))));
  const expected = present(driftOf(runs(together)));
  expectNear(found.p, expected.p);
  expectNear(found.slope_per_run, expected.slope_per_run);
});

test('a run without the value of one workload is judged by the others, and no level of theirs looks like a drift', () => {
  const values = [1, 1.01, 0.99, 1, 1.01, 0.99, 1, 1.01];
  const late = values.map((value, index) => ({ short: value, long: index < 4 ? null : 100 * value }));
  const found = present(driftOf(withWorkloads(late)));
  expect(found).toMatchObject({ n: 8, dropped: 0 });
  expect(found.p).toBeGreaterThan(0.5);
  expect(driftOf(withWorkloads(values.map(() => ({ short: null }))))).toMatchObject({ value: null });
});

test('runs without a value, and of experiments that ran once, are not judged', () => {
  const found = driftOf([...runs([1, null, 2, 3, 1, 2, 3]), ...runs([100], 'once')]);
  expect(found).toMatchObject({ n: 6, dropped: 2 });
  expect(driftOf([...runs([1, 2, 3, 1, 2]), ...runs([9], 'once')])).toEqual({
    value: null,
    reason: 'no test for drift below 6 runs of experiments that ran twice or more; there are 5',
  });
});

test('a mean of 0 or below has no relative values', () => {
  expect(driftOf(runs([-1, 1, -1, 1, -1, 1], 'gap'))).toMatchObject({
    reason: expect.stringMatching(/^the mean of gap/),
  });
});

test('long series are condensed, and keep their slope per run', () => {
  const long = Array.from({ length: 3000 }, (_, index) => 1 + index / 3000);
  expect(present(driftOf(runs(long))).slope_per_run).toBeCloseTo(1 / 3000 / 1.5, 6);
});

test('property: no NaN and no infinity; the unit does not matter', () => {
  assert(
    property(array(double(), { maxLength: 12 }), (values) => expectFinite(driftOf(runs(values)))),
    {
      examples: [[[1e308, -1e308, 1e300, -1e308, 1e308, 1]], [[1.7e308, -1.7e308, 5e-324, 1e308, -1e308, 5e-324]]],
    },
  );
  assert(
    property(array(double({ min: 0.1, max: 10, noNaN: true }), { minLength: 6, maxLength: 20 }), (values) => {
      const one = present(driftOf(runs(values)));
      const other = present(driftOf(runs(values.map((value) => value * 1024))));
      expect(other).toEqual(one);
      expect(one.p).toBeLessThanOrEqual(1);
    }),
  );
});
