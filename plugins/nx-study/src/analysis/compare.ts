import { absent, isAbsent } from '../base/known.ts';
import type { Absent } from '../base/known.ts';
import { pairedContrast, welchContrast } from './contrast.ts';
import type { Contrast } from './contrast.ts';
import { FEWEST_REPETITIONS, tInterval } from './interval.ts';
import type { Interval } from './interval.ts';
import { monteCarloOf } from './monte-carlo.ts';
import type { Errors, MonteCarlo } from './monte-carlo.ts';
import { setsOf } from './pairs.ts';
import type { Repetition, Sets } from './pairs.ts';
import type { Design } from './power.ts';
import { offScale, onScale } from './scale.ts';
import type { Scale } from './scale.ts';
import { studentTail } from './student.ts';
import { reasons } from './texts.ts';

export interface CompareOptions {
  scale: Scale;
  /** Whether repetitions with the same number belong together. */
  pairs: boolean;
  /**
   * The least difference that matters, above 0: in the metric's unit, or for the scale `ratio` as a share (0.05: 5 %, so
   * ratios from 1 / 1.05 to 1.05 don't matter).
   */
  relevant?: number | null;
  /** Monte Carlo standard errors of both sides' values, in the metric's unit. */
  mcse?: Errors | null;
}

/** An experiment against its baseline. Ratios and differences are candidate against baseline. */
export interface Comparison {
  scale: Scale;
  /** Repetitions that are used. */
  n: { candidate: number; baseline: number; /** null: not paired. */ pairs: number | null };
  dropped: Sets['dropped'];
  /** The ratio of the geometric means, or the difference of the means in the metric's unit, over the same values as the interval. */
  estimate: number | Absent;
  interval: Interval | Absent;
  /** Two-sided, of the t test that belongs to the interval; not adjusted for other comparisons. */
  p: number | Absent;
  /** The relevant difference and the spread; the observed difference where none is declared. */
  design: Design | Absent;
  relevant: number | null;
  monte_carlo: MonteCarlo | Absent;
}

/**
 * Compares two experiments. Paired by repetition: Student's t on the differences within pairs. Without pairs: Welch's t
 * (1947), with the degrees of freedom of Satterthwaite (1946). On logarithms for the scale `ratio`. Below 3 repetitions
 * (pairs) there is an estimate, but no interval.
 * @throws RangeError when the relevant difference isn't above 0.
 */
export function compare(
  candidate: readonly Repetition[],
  baseline: readonly Repetition[],
  options: CompareOptions,
): Comparison {
  const { scale, pairs, relevant = null } = options;
  if (relevant !== null && !(relevant > 0 && Number.isFinite(relevant)))
    throw new RangeError(`the relevant difference must be above 0, not ${relevant}`);
  const sets = setsOf(candidate, baseline, pairs);
  if (isAbsent(sets)) return withoutValues(sets, scale, relevant);
  const n = {
    candidate: sets.candidate.length,
    baseline: sets.baseline.length,
    pairs: sets.isPaired ? sets.candidate.length : null,
  };
  const scaled = { candidate: onScale(sets.candidate, scale), baseline: onScale(sets.baseline, scale) };
  const known = { scale, n, dropped: sets.dropped, relevant };
  if (isAbsent(scaled.candidate)) return { ...withoutValues(scaled.candidate, scale, relevant), ...known };
  if (isAbsent(scaled.baseline)) return { ...withoutValues(scaled.baseline, scale, relevant), ...known };
  const contrast = sets.isPaired
    ? pairedContrast(scaled.candidate, scaled.baseline, scale)
    : welchContrast(scaled.candidate, scaled.baseline, scale);
  const estimate = offScale(contrast.center, scale);
  return {
    ...known,
    estimate,
    ...inferenceOf(contrast, sets, scale),
    design: designOf(contrast, sets, { scale, relevant }),
    monte_carlo: monteCarloOf({ estimate, scale, values: sets, mcse: options.mcse ?? null }),
  };
}

/** Why there can be no interval; null where there can be one. */
function tooFew({ isPaired, candidate, baseline }: Sets): Absent | null {
  const fewest = Math.min(candidate.length, baseline.length);
  if (fewest >= FEWEST_REPETITIONS) return null;
  return absent((isPaired ? reasons.tooFewPairs : reasons.tooFew)(fewest, FEWEST_REPETITIONS));
}

function inferenceOf(contrast: Contrast, sets: Sets, scale: Scale): Pick<Comparison, 'interval' | 'p'> {
  const none = tooFew(sets) ?? unusable(contrast);
  if (none) return { interval: none, p: none };
  const test = sets.isPaired ? 'paired-t' : 'welch-t';
  const p = Math.min(1, 2 * studentTail(Math.abs(contrast.center) / contrast.se, contrast.df));
  return { interval: tInterval(contrast, scale, scale === 'ratio' ? `${test}-of-logs` : test), p };
}

function unusable({ center, se }: Contrast): Absent | null {
  if (!Number.isFinite(center) || !Number.isFinite(se)) return absent(reasons.outOfRange);
  return se > 0 ? null : absent(reasons.noSpread);
}

function designOf(
  { center, sd, dfPerRepetition }: Contrast,
  sets: Sets,
  { scale, relevant }: { scale: Scale; relevant: number | null },
): Design | Absent {
  const none = tooFew(sets);
  if (none) return none;
  if (!Number.isFinite(center) || !Number.isFinite(sd)) return absent(reasons.outOfRange);
  const declared = relevant !== null && scale === 'ratio' ? Math.log1p(relevant) : relevant;
  return { difference: declared ?? center, sd, dfPerRepetition };
}

const withoutValues = (none: Absent, scale: Scale, relevant: number | null): Comparison => ({
  scale,
  n: { candidate: 0, baseline: 0, pairs: null },
  dropped: { candidate: [], baseline: [] },
  estimate: none,
  interval: none,
  p: none,
  design: none,
  relevant,
  monte_carlo: none,
});
