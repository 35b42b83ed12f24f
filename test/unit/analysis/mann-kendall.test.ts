import { array, assert, double, property } from 'fast-check';
import { expect, test } from 'vitest';
import { mannKendall, theilSen } from '../../../plugins/nx-study/src/analysis/mann-kendall.ts';

// Computed with pymannkendall 1.4.3 (original_test), which gives s, var_s, z, p and Sen's slope.
test.each([
  {
    series: [1, 1.1, 1.05, 1.2, 1.18, 1.3, 1.28, 1.4, 1.5, 1.45],
    expected: { s: 37, variance: 125, z: 3.219_937_887_599_697, p: 0.001_282_183_741_805_331_7 },
    slope: 0.054,
  },
  {
    series: [3, 1, 2, 2, 2, 5, 4, 4, 6, 6, 7, 5],
    expected: { s: 42, variance: 206, z: 2.856_605_358_595_632_4, p: 0.004_281_978_658_648_1 },
    slope: 0.464_285_714_285_714_3,
  },
  {
    series: [5.1, 4.9, 5, 5.2, 4.8, 5.05, 4.95, 5.1],
    expected: { s: 1, variance: 193 / 3, z: 0, p: 1 },
    slope: 0.005,
  },
])('Mann–Kendall and Theil–Sen as pymannkendall has them: $series', ({ series, expected, slope }) => {
  const { s, variance, z, p } = mannKendall(series);
  expect(s).toBe(expected.s);
  expect(variance).toBeCloseTo(expected.variance, 9);
  expect(z).toBeCloseTo(expected.z, 9);
  expect(p).toBeCloseTo(expected.p, 12);
  expect(theilSen(series)).toBeCloseTo(slope, 9);
});

const series = array(double({ min: 0.001, max: 1000, noNaN: true }), { minLength: 2, maxLength: 40 });

test('property: reversing turns the trend around, scaling leaves it', () => {
  assert(
    property(series, (values) => {
      const forth = mannKendall(values);
      const back = mannKendall(values.toReversed());
      expect(back.s).toBe(-forth.s || 0);
      expect(back.variance).toBe(forth.variance);
      expect(back.p).toBe(forth.p);
      expect(forth.p).toBeGreaterThanOrEqual(0);
      expect(forth.p).toBeLessThanOrEqual(1);
      expect(mannKendall(values.map((value) => value * 2)).s).toBe(forth.s);
    }),
  );
});
