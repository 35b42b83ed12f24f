import { median } from '../../base/quantile.ts';

/** How a series of durations changes. `drift-up`: calls take longer and longer. */
export interface Trend {
  shape: 'plateau' | 'drift-up' | 'drift-down' | 'unknown';
  /** Theil–Sen slope over the whole series, as a share of its median; null for fewer than 2 values. */
  drift: number | null;
  /** Two-sided, of the Mann–Kendall test; null for fewer values than it needs. */
  p: number | null;
  /** Why the shape is unknown; null when it is known. */
  reason: string | null;
}

/** Below it the normal approximation of the test is not to be trusted: Kendall (1975), Rank correlation methods. */
const FEWEST_VALUES = 8;
/** The usual level; two-sided. */
const SIGNIFICANCE = 0.05;
/** The share of the median from which a drift matters: chosen, as much variation as the default `warmup.target_cv` lets pass. */
export const RELEVANT_DRIFT = 0.05;
/** Longer series are condensed: the work grows with the square. */
const MOST_VALUES = 300;

/**
 * Tests a series of durations, in s and in order, for a monotonic trend. It has one when the Theil–Sen slope over the
 * whole series is at least 5 % of the median and the Mann–Kendall test gives p < 0.05. A slope that large without such a p
 * is `unknown`, never a plateau. Longer series are condensed to 300 medians first.
 */
export function trendOf(durations: readonly number[]): Trend {
  const series = condense(durations, MOST_VALUES);
  const drift = driftOf(series);
  if (drift === null || series.length < FEWEST_VALUES)
    return { shape: 'unknown', drift, p: null, reason: `${series.length} values, ${FEWEST_VALUES} are needed` };
  const { p } = mannKendall(series);
  if (Math.abs(drift) < RELEVANT_DRIFT) return { shape: 'plateau', drift, p, reason: null };
  if (p >= SIGNIFICANCE)
    return { shape: 'unknown', drift, p, reason: `a drift of ${percent(drift)} can't be told from noise` };
  return { shape: drift > 0 ? 'drift-up' : 'drift-down', drift, p, reason: null };
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

export interface MannKendall {
  /** Pairs that rise less pairs that fall. */
  s: number;
  variance: number;
  z: number;
  /** Two-sided. */
  p: number;
}

/**
 * Mann (1945), Kendall (1975): a rank test against a monotonic trend, with the correction of the variance for ties and
 * that of z for continuity.
 */
export function mannKendall(series: readonly number[]): MannKendall {
  const n = series.length;
  let s = 0;
  for (let j = 1; j < n; j += 1) for (let i = 0; i < j; i += 1) s += Math.sign(series[j]! - series[i]!);
  const weight = (count: number) => count * (count - 1) * (2 * count + 5);
  const counts = new Map<number, number>();
  for (const value of series) counts.set(value, (counts.get(value) ?? 0) + 1);
  const ties = [...counts.values()].reduce((total, count) => total + weight(count), 0);
  const variance = (weight(n) - ties) / 18;
  const z = variance > 0 ? (s - Math.sign(s)) / Math.sqrt(variance) : 0;
  return { s, variance, z, p: Math.min(1, 2 * upperTail(Math.abs(z))) };
}

/** Median of the slopes between all pairs, in units of the series per step: Theil (1950), Sen (1968). */
export function theilSen(series: readonly number[]): number {
  const slopes: number[] = [];
  for (let j = 1; j < series.length; j += 1)
    for (let i = 0; i < j; i += 1) slopes.push((series[j]! - series[i]!) / (j - i));
  return median(slopes);
}

function driftOf(series: readonly number[]): number | null {
  if (series.length < 2) return null;
  const center = median(series);
  return center > 0 ? (theilSen(series) * (series.length - 1)) / center : null;
}

/** Medians of consecutive stretches of nearly equal length. */
export function condense(series: readonly number[], most: number): number[] {
  if (series.length <= most) return [...series];
  return Array.from({ length: most }, (_, index) => {
    const from = Math.floor((index * series.length) / most);
    const to = Math.floor(((index + 1) * series.length) / most);
    return median(series.slice(from, to));
  });
}

/** P(Z > z) of a standard normal Z for z ≥ 0; error below 7.5e-8: Abramowitz and Stegun (1964), 26.2.17. */
function upperTail(z: number): number {
  const t = 1 / (1 + 0.231_641_9 * z);
  const polynomial =
    t * (0.319_381_53 + t * (-0.356_563_782 + t * (1.781_477_937 + t * (-1.821_255_978 + t * 1.330_274_429))));
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * polynomial;
}
