import { median, quantile, sort } from '../../base/quantile.ts';
import { sum } from '../../base/sum.ts';

/** A sample in numbers. They describe it and infer nothing: calls of one process are no independent repetitions. */
export interface Summary {
  n: number;
  mean: number;
  median: number;
  min: number;
  max: number;
  /** With n − 1; null for a single value. */
  sd: number | null;
  /** sd / mean; null without an sd, or where the mean is 0. */
  cv: number | null;
  /** Values further from the median than 10 robust standard deviations. */
  outliers: number;
  sorted: Float64Array;
}

/** Describes values, of which there must be at least one, all finite; in their own unit. */
export function summarise(values: readonly number[]): Summary {
  const sorted = sort(values);
  const n = values.length;
  const mean = sum(values) / n;
  const sd = n > 1 ? Math.sqrt(sum(values.map((value) => (value - mean) ** 2)) / (n - 1)) : null;
  const cv = sd === null || mean === 0 ? null : sd / mean;
  const center = quantile(sorted, 0.5);
  const outliers = outliersAround(values, center).length;
  return { n, mean, median: center, min: sorted[0]!, max: sorted[n - 1]!, sd, cv, outliers, sorted };
}

/**
 * |x − median| / MAD above which hyperfine (src/outlier_detection.rs) calls a value an outlier: 10 standard deviations,
 * each estimated as 1.4826 MAD. On the MAD: Leys et al. (2013), doi:10.1016/j.jesp.2013.03.013.
 */
const OUTLIER_THRESHOLD = 14.826;

/** Positions of outliers. Where most values are equal, each other one is an outlier. */
export const outliersOf = (values: readonly number[]): number[] => outliersAround(values, median(values));

function outliersAround(values: readonly number[], center: number): number[] {
  const distances = values.map((value) => Math.abs(value - center));
  const limit = OUTLIER_THRESHOLD * median(distances);
  return distances.flatMap((distance, index) => (distance > limit ? [index] : []));
}

/** 1 / each value above 0. */
export const inverse = (values: readonly number[]): number[] =>
  values.flatMap((value) => (value > 0 ? [1 / value] : []));

export const highest = (values: readonly number[]): number =>
  values.reduce((most, value) => Math.max(most, value), -Infinity);
export const lowest = (values: readonly number[]): number =>
  values.reduce((least, value) => Math.min(least, value), Infinity);
