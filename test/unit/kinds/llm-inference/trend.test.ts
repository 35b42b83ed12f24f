import { array, assert, double, property } from 'fast-check';
import { expect, test } from 'vitest';
import {
  condense,
  mannKendall,
  theilSen,
  trendOf,
} from '../../../../plugins/nx-study/src/kinds/llm-inference/trend.ts';
import { callsOf, codesIn, factIn, workloadOf, valueIn } from './payload.ts';

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
  expect(p).toBeCloseTo(expected.p, 6);
  expect(theilSen(series)).toBeCloseTo(slope, 9);
});

const rising = Array.from({ length: 12 }, (_, index) => 1 + 0.02 * index + 0.003 * (index % 3));

test.each([
  ['drift-up', rising],
  ['drift-down', rising.toReversed()],
  // Certain, but of no weight: 1 % over the series.
  ['plateau', Array.from({ length: 12 }, (_, index) => 1 + index * 0.001)],
  ['plateau', Array.from({ length: 12 }, () => 0.5)],
  // Of weight, but it may be noise.
  ['unknown', [1, 1.4, 0.8, 1.3, 1, 1.5, 0.9, 1.2, 1.6, 1]],
  ['unknown', rising.slice(0, 7)],
  ['unknown', [1]],
  ['unknown', []],
] as const)('%s: %j', (shape, series) => {
  expect(trendOf(series).shape).toBe(shape);
});

test('says by how much: 1 to 1.22 over the series', () => {
  const { drift, p, reason } = trendOf(Array.from({ length: 12 }, (_, index) => 1 + 0.02 * index));
  expect(drift).toBeCloseTo(0.22 / 1.11, 9);
  expect(p).toBeLessThan(1e-4);
  expect(reason).toBeNull();
});

test('a long series is condensed to medians of stretches, and keeps its trend', () => {
  expect(condense([1, 2, 3, 4, 5, 6, 7], 3)).toEqual([1.5, 3.5, 6]);
  expect(condense([3, 1, 2], 5)).toEqual([3, 1, 2]);
  const long = Array.from({ length: 20_000 }, (_, index) => 1 + index / 20_000 + (index % 7) / 100);
  expect(trendOf(long)).toMatchObject({ shape: 'drift-up', drift: expect.closeTo(2 / 3, 1) });
});

test('a drift is a fact, a number and a finding', () => {
  const part = workloadOf(callsOf(rising));
  expect(factIn(part, 'steady')).toBe('drift-up');
  expect(valueIn(part, 'drift_percent')).toBeGreaterThan(15);
  expect(valueIn(part, 'drift_p')).toBeLessThan(0.001);
  expect(codesIn(part)).toEqual(['drift']);
  expect(part.findings[0]?.message).toMatch(/^it became slower while it was measured: \+\d+\.\d % over 12 calls/);
  expect(codesIn(workloadOf(callsOf(rising.toReversed())))).toEqual(['drift']);
  expect(codesIn(workloadOf(callsOf(Array.from({ length: 12 }, () => 0.5))))).toEqual([]);
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
