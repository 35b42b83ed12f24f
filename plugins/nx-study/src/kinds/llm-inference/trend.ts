import { median } from '../../base/quantile.ts';
import { condense, mannKendall, theilSen } from '../../analysis/mann-kendall.ts';

/** How a series of durations changes. `drift-up`: calls take longer and longer. */
export interface Trend {
  shape: 'plateau' | 'drift-up' | 'drift-down' | 'unknown';
  /**
   * From the first value to the last by the Theil–Sen slope of the logarithms, as a share of the first: never below -1. Where a value
   * is 0, that of the values themselves as a share of their median. null for fewer than 2 values, and where the median is 0.
   */
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
/** The share from which a drift matters: chosen, as much variation as the default `warmup.target_cv` lets pass. */
export const RELEVANT_DRIFT = 0.05;
/** Longer series are condensed: the work grows with the square. */
const MOST_VALUES = 300;

/**
 * Tests a series of durations in s, or of rates, in order, for a monotonic trend. It has one when it changes by at least 5 % over the
 * whole series and the Mann–Kendall test gives p < 0.05. A slope that large without such a p
 * is `unknown`, never a plateau. Longer series are condensed to 300 medians first.
 */
export function trendOf(values: readonly number[]): Trend {
  const series = condense(values, MOST_VALUES);
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

function driftOf(series: readonly number[]): number | null {
  if (series.length < 2) return null;
  const steps = series.length - 1;
  if (series.every((value) => value > 0)) return Math.expm1(theilSen(series.map(Math.log)) * steps);
  const center = median(series);
  return center > 0 ? Math.max(-1, (theilSen(series) * steps) / center) : null;
}
