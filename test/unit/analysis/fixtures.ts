import { expect } from 'vitest';
import { isAbsent } from '../../../plugins/nx-study/src/base/known.ts';
import type { Absent } from '../../../plugins/nx-study/src/base/known.ts';
import statistics from '../../fixtures/analysis/statistics.json' with { type: 'json' };

/** Computed by SciPy, statsmodels and pymannkendall; `test/fixtures/analysis/make.py` says how. */
export const fixtures = statistics;

const TOLERANCE = 1e-9;

/** Equal but for a share of 1e-9; but for 1e-12 where 0 is expected. */
export function expectNear(actual: number | Absent, expected: number): void {
  const value = present(actual);
  const error = expected === 0 ? Math.abs(value) * 1000 : Math.abs(value / expected - 1);
  expect(error, `${value} instead of ${expected}`).toBeLessThan(TOLERANCE);
}

export function expectInterval(actual: { low: number; high: number } | Absent, expected: readonly number[]): void {
  const { low, high } = present(actual);
  expectNear(low, expected[0]!);
  expectNear(high, expected[1]!);
}

/** What was computed; fails where it is absent. */
export function present<T>(result: T | Absent): T {
  if (isAbsent(result)) throw new Error(`absent: ${result.reason}`);
  return result;
}

/** Repetitions 0, 1, … with these values. */
export const repetitions = (values: readonly (number | null)[]) =>
  values.map((value, repetition) => ({ repetition, value }));

/** All numbers anywhere in a result. */
export function numbersIn(result: unknown): number[] {
  if (typeof result === 'number') return [result];
  return typeof result === 'object' && result !== null ? Object.values(result).flatMap(numbersIn) : [];
}

export function expectFinite(result: unknown): void {
  expect(numbersIn(result).filter((value) => !Number.isFinite(value))).toEqual([]);
}
