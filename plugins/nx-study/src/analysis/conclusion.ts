import { isAbsent } from '../base/known.ts';
import type { Absent } from '../base/known.ts';
import type { Comparison } from './compare.ts';
import { holm } from './holm.ts';
import { SIGNIFICANCE } from './interval.ts';
import { repetitionsNeeded } from './power.ts';

/**
 * The only words that a comparison allows:
 * - `larger`, `smaller`: the interval leaves out "no difference", and so does the p value after Holm's correction.
 * - `relevantly larger`, `relevantly smaller`: the whole interval lies beyond the relevant difference.
 * - `equivalent`: the whole interval lies within it, on both sides.
 * - `not told apart`: none of these; also within 2 Monte Carlo errors.
 * - `no interval`: nothing can be concluded; the comparison's `interval` has the reason.
 */
export type Conclusion =
  | 'larger'
  | 'smaller'
  | 'relevantly larger'
  | 'relevantly smaller'
  | 'equivalent'
  | 'not told apart'
  | 'no interval';

export interface Concluded extends Comparison {
  /** After Holm's correction for all comparisons of the list; null where there is no p value. */
  p_adjusted: number | null;
  /**
   * Repetitions (of each side, or pairs) that would tell the difference of `design` apart in 80 % of studies, among all
   * comparisons of the list: at 5 % divided by their number (Bonferroni), which is never less strict than Holm's correction.
   */
  needed: number | Absent;
  conclusion: Conclusion;
}

/** Concludes from all comparisons that are shown together: their number decides how strict each of them is. */
export function concludeAll(comparisons: readonly Comparison[]): Concluded[] {
  const adjusted = holm(comparisons.map(({ p }) => (isAbsent(p) ? null : p)));
  const tests = adjusted.filter((p) => p !== null).length;
  return comparisons.map((comparison, index) => {
    const p_adjusted = adjusted[index]!;
    const { design } = comparison;
    const needed = isAbsent(design) ? design : repetitionsNeeded(design, SIGNIFICANCE / Math.max(1, tests));
    return { ...comparison, p_adjusted, needed, conclusion: conclude(comparison, p_adjusted) };
  });
}

/**
 * The word for one comparison. Where a Monte Carlo error is given, the interval counts as reaching at least 2 of them to both
 * sides of the estimate.
 */
export function conclude(comparison: Comparison, p_adjusted: number | null): Conclusion {
  const { interval, monte_carlo, scale } = comparison;
  const none = scale === 'ratio' ? 1 : 0;
  const noise = isAbsent(monte_carlo) ? null : monte_carlo;
  if (isAbsent(interval) || p_adjusted === null)
    return noise && noise.low <= none && none <= noise.high ? 'not told apart' : 'no interval';
  const low = Math.min(interval.low, noise?.low ?? Infinity);
  const high = Math.max(interval.high, noise?.high ?? -Infinity);
  const isSignificant = p_adjusted < SIGNIFICANCE && (low > none || high < none);
  const limits = limitsOf(comparison);
  if (limits && low > limits.low && high < limits.high) return 'equivalent';
  if (!isSignificant) return 'not told apart';
  if (low > none) return limits && low > limits.high ? 'relevantly larger' : 'larger';
  return limits && high < limits.low ? 'relevantly smaller' : 'smaller';
}

/** Between them differences don't matter; null where none is declared as relevant. */
function limitsOf({ relevant, scale }: Comparison): { low: number; high: number } | null {
  if (relevant === null) return null;
  return scale === 'ratio' ? { low: 1 / (1 + relevant), high: 1 + relevant } : { low: -relevant, high: relevant };
}
