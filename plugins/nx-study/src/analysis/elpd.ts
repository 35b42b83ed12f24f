import { absent, isAbsent } from '../base/known.ts';
import type { Absent } from '../base/known.ts';
import { momentsOf } from './moments.ts';
import { finite, onScale } from './scale.ts';
import { sampleReasons } from './texts.ts';

/** Expected log predictive densities of a model, one for each observation. */
export interface Pointwise {
  /** In nats. */
  elpd: readonly number[];
  /** A hash of the observations and their order. */
  observed: string;
}

export interface ElpdDifference {
  /** Observations. */
  n: number;
  /** Sum over observations of candidate less baseline, in nats; above 0 where the candidate predicts better. */
  difference: number;
  /** Standard error of the difference, in nats. */
  se: number;
}

/**
 * The difference of two models' elpd with its standard error √(n · variance of the pointwise differences): Vehtari, Gelman
 * and Gabry (2017), doi:10.1007/s11222-016-9696-4, equation 24. The variance divides by n, as ArviZ's `compare` does; the paper
 * divides by n − 1, as the standard error of each elpd does.
 * @param leftOut - Indices of observations that the difference is to do without.
 * @returns Absent for models of different observations.
 */
export function elpdDifference(
  candidate: Pointwise,
  baseline: Pointwise,
  leftOut: ReadonlySet<number> = new Set(),
): ElpdDifference | Absent {
  if (candidate.observed !== baseline.observed) return absent(sampleReasons.otherObservations);
  const [length, other] = [candidate.elpd.length, baseline.elpd.length];
  if (length !== other) return absent(sampleReasons.otherLengths(length, other));
  const pointwise = candidate.elpd.map((value, index) => value - baseline.elpd[index]!);
  const kept = pointwise.filter((_, index) => !leftOut.has(index));
  const n = kept.length;
  if (n < 2) return absent(sampleReasons.tooFewObservations(n));
  const differences = onScale(kept, 'difference');
  if (isAbsent(differences)) return differences;
  const { mean, sd } = momentsOf(differences);
  const [difference, se] = [finite(mean * n), finite(sd * Math.sqrt(n - 1))];
  if (isAbsent(difference)) return difference;
  return isAbsent(se) ? se : { n, difference, se };
}
