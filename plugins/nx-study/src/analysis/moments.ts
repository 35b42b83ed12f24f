import { sum } from '../base/sum.ts';

/** Mean and spread of values. */
export interface Moments {
  n: number;
  mean: number;
  /** With n − 1; 0 for a single value, and where all values are equal but for rounding. */
  sd: number;
}

/** A spread smaller than this share of the values' magnitude is the rounding of doubles. */
export const ROUNDING = 1e-12;
// The logarithm of the largest number rounds up to 1024, whose power is infinite.
const LARGEST_EXPONENT = 1023;

/**
 * Mean and standard deviation in the values' own unit. Values are divided by a power of two first, so that no square
 * overflows or vanishes.
 * @param values - at least one, all finite.
 * @param magnitude - of the numbers that the values were computed from, where it is larger than their own.
 */
export function momentsOf(values: readonly number[], magnitude = 0): Moments {
  const n = values.length;
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const unit = largest > 0 ? 2 ** Math.min(LARGEST_EXPONENT, Math.floor(Math.log2(largest))) : 1;
  const scaled = values.map((value) => value / unit);
  const mean = sum(scaled) / n;
  const sd = n > 1 ? Math.sqrt(sum(scaled.map((value) => (value - mean) ** 2)) / (n - 1)) * unit : 0;
  const isRounding = sd <= ROUNDING * Math.max(largest, magnitude);
  return { n, mean: mean * unit, sd: isRounding ? 0 : sd };
}
