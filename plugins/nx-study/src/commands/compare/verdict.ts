import type { Concluded } from '../../analysis/conclusion.ts';
import { absent, isAbsent } from '../../base/known.ts';
import type { Absent } from '../../base/known.ts';
import type { ComparedMetric } from '../../comparisons/metrics.ts';

/**
 * What became of a metric: `slower` and `faster` for times; `worse` and `better` for others whose kind says which direction
 * is good; `higher` and `lower` for the rest. `equivalent`: it differs by less than the study calls relevant.
 */
export type Verdict = 'slower' | 'faster' | 'worse' | 'better' | 'higher' | 'lower' | 'equivalent' | 'not told apart';

const TIMES = new Set(['h', 's', 'ms', 'µs', 'ns']);

/** The verdict that a comparison with the base allows, or why there is none. */
export function verdictOf({ unit, better }: ComparedMetric, against: Concluded): Verdict | Absent {
  const { conclusion, interval, estimate } = against;
  if (conclusion === 'equivalent' || conclusion === 'not told apart') return conclusion;
  if (conclusion === 'no interval')
    return isAbsent(estimate) ? estimate : absent(isAbsent(interval) ? interval.reason : '');
  const isLarger = conclusion.endsWith('larger');
  if (TIMES.has(unit) && better !== 'higher') return isLarger ? 'slower' : 'faster';
  if (better === null) return isLarger ? 'higher' : 'lower';
  return isLarger === (better === 'higher') ? 'better' : 'worse';
}

/** Whether a verdict is bad, and by more than the study calls relevant where it does so. */
export const isWorse = (verdict: Verdict, { relevant, conclusion }: Concluded): boolean =>
  (verdict === 'slower' || verdict === 'worse') && (relevant === null || conclusion.startsWith('relevantly'));
