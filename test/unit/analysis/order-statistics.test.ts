import { array, assert, constantFrom, double, property } from 'fast-check';
import { expect, test } from 'vitest';
import {
  quantileBounds,
  quantileInterval,
  valuesForUpperBound,
} from '../../../plugins/nx-study/src/analysis/order-statistics.ts';
import { expectFinite, expectInterval, fixtures } from './fixtures.ts';

test('as SciPy has it, and none where SciPy has an infinite end', () => {
  const finite = fixtures.order_statistics.flatMap((one) => (one.interval === null ? [] : [one]));
  const infinite = fixtures.order_statistics.filter(({ interval }) => interval === null);
  expect([finite.length, infinite.length]).toEqual([4, 2]);
  for (const { values, p, interval } of finite) expectInterval(quantileInterval(values, p), interval);
  for (const { values, p } of infinite)
    expect(quantileInterval(values, p)).toMatchObject({ value: null, reason: expect.stringContaining('too few') });
});

test('by hand: the median of 6 lies between the lowest and the highest with a chance of 31/32', () => {
  expect(quantileInterval([6, 1, 5, 2, 4, 3], 0.5)).toEqual({
    low: 1,
    high: 6,
    level: expect.closeTo(31 / 32, 12),
    kind: 'order-statistics',
  });
  expect(quantileInterval([1, 2, 3, 4, 5], 0.5)).toMatchObject({ value: null });
});

test('property: the level is reached, for any numbers', () => {
  assert(
    property(array(double(), { maxLength: 40 }), constantFrom(0.1, 0.5, 0.9), (values, p) => {
      const found = quantileInterval(values, p);
      expectFinite(found);
      expect('level' in found ? found.level : 1).toBeGreaterThanOrEqual(0.95);
    }),
  );
});

// scipy.stats.quantile_test(x, p=p, alternative='greater' | 'less').confidence_interval(0.95) of SciPy 1.17, x = 1 … n.
test.each([
  [58, 0.95, 52, null],
  [59, 0.5, 23, 37],
  [59, 0.95, 53, 59],
  [298, 0.99, 292, null],
  [299, 0.99, 293, 299],
  [320, 0.95, 297, 311],
  [1000, 0.99, 985, 996],
])('one-sided bounds of %d values at %d, as SciPy has them', (n, p, low, high) => {
  const values = Float64Array.from({ length: n }, (_, index) => index + 1);
  expect(quantileBounds(values, p)).toEqual({ low, high });
});

test('an upper bound of p90, p95 and p99 needs 29, 59 and 299 values', () => {
  expect([0.9, 0.95, 0.99].map(valuesForUpperBound)).toEqual([29, 59, 299]);
  expect(quantileBounds([], 0.5)).toEqual({ low: null, high: null });
});
