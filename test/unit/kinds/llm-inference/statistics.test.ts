import { array, assert, double, property } from 'fast-check';
import { expect, test } from 'vitest';
import { outliersOf, summarise } from '../../../../plugins/nx-study/src/kinds/llm-inference/statistics.ts';
import { quantile, valuesNeeded } from '../../../../plugins/nx-study/src/base/quantile.ts';

test('by hand: 2, 4, 4, 4, 5, 5, 7, 9', () => {
  expect(summarise([9, 2, 4, 5, 4, 7, 4, 5])).toMatchObject({
    n: 8,
    mean: 5,
    median: 4.5,
    min: 2,
    max: 9,
    sd: expect.closeTo(Math.sqrt(32 / 7), 12),
    cv: expect.closeTo(Math.sqrt(32 / 7) / 5, 12),
    outliers: 0,
  });
});

test('a single value has no standard deviation', () => {
  expect(summarise([3])).toMatchObject({ n: 1, mean: 3, median: 3, min: 3, max: 3, sd: null, cv: null, outliers: 0 });
  expect(summarise([0, 0])).toMatchObject({ sd: 0, cv: null });
});

test('an outlier is further from the median than 14.826 MAD', () => {
  // Median 10, MAD 1: the limit lies at 24.826.
  const usual = [9, 9, 9, 9, 10, 11, 11, 11];
  expect(outliersOf([...usual, 24])).toEqual([]);
  expect(outliersOf([25, ...usual])).toEqual([0]);
  expect(outliersOf([5, 5, 5, 5, 5.1])).toEqual([4]);
});

test('quantiles interpolate, as NumPy and R do', () => {
  // numpy.quantile([1, 2, 3, 4], [0, 0.25, 0.9, 1])
  expect([0, 0.25, 0.9, 1].map((p) => quantile([1, 2, 3, 4], p))).toEqual([1, 1.75, expect.closeTo(3.7, 12), 4]);
});

test('a percentile needs 1 / (1 − p) values', () => {
  expect([0.5, 0.9, 0.95, 0.99].map(valuesNeeded)).toEqual([2, 10, 20, 100]);
});

test('property: order does not matter, and min ≤ median ≤ max', () => {
  assert(
    property(array(double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1 }), (values) => {
      const { min, median, max, n, outliers } = summarise(values);
      expect(min).toBeLessThanOrEqual(median);
      expect(median).toBeLessThanOrEqual(max);
      expect(outliers).toBeLessThan(n / 2 + 1);
      expect(summarise(values.toReversed()).median).toBe(median);
    }),
  );
});
