/** NaN for no values. */
export const median = (values: readonly number[]): number => quantile(sort(values), 0.5);

// A typed array sorts several times faster than an array with a comparison; there may be 100,000 gaps.
export const sort = (values: readonly number[]): Float64Array => Float64Array.from(values).sort();

/**
 * The quantile of values that are sorted ascending: linear between the two nearest values, at position (n − 1) p. Type 7
 * of Hyndman and Fan (1996), Sample quantiles in statistical packages, which is the default of NumPy and R.
 * @param p - from 0 to 1.
 * @returns NaN for no values.
 */
export function quantile(sorted: ArrayLike<number>, p: number): number {
  const position = (sorted.length - 1) * p;
  const below = sorted[Math.floor(position)]!;
  const above = sorted[Math.ceil(position)]!;
  return below + (above - below) * (position - Math.floor(position));
}

/** A percentile needs 1 / (1 − p) values: with fewer, no value lies beyond it. 10 for p90, 100 for p99. */
export const valuesNeeded = (p: number): number => Math.ceil(1 / (1 - p) - 1e-9);
