import { expect, test } from 'vitest';
import { condense } from '../../../../plugins/nx-study/src/analysis/mann-kendall.ts';
import { trendOf } from '../../../../plugins/nx-study/src/kinds/llm-inference/trend.ts';
import { callsOf, codesIn, factIn, workloadOf, valueIn } from './payload.ts';

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
  expect(drift).toBeCloseTo(0.22, 2);
  expect(p).toBeLessThan(1e-4);
  expect(reason).toBeNull();
});

test('nothing falls by more than all that there was, however steep a line through it is', () => {
  const falling = [30, 20, 12, 8, 5, 3, 2, 1.5, 1, 0.5];
  const { shape, drift } = trendOf(falling);
  expect(shape).toBe('drift-down');
  // From 30 to 0.5 it fell by 98.3 %; the slope of the values themselves over the median is -2.6.
  expect(drift).toBeGreaterThan(-1);
  expect(drift).toBeCloseTo(0.5 / 30 - 1, 1);
  expect(trendOf([100, 90, 80, 70, 60, 50, 40, 20, 0, 0])).toMatchObject({ shape: 'drift-down', drift: -1 });
});

test('a long series is condensed to medians of stretches, and keeps its trend', () => {
  expect(condense([1, 2, 3, 4, 5, 6, 7], 3)).toEqual([1.5, 3.5, 6]);
  expect(condense([3, 1, 2], 5)).toEqual([3, 1, 2]);
  const long = Array.from({ length: 20_000 }, (_, index) => 1 + index / 20_000 + (index % 7) / 100);
  expect(trendOf(long)).toMatchObject({ shape: 'drift-up', drift: expect.closeTo(1, 0) });
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
