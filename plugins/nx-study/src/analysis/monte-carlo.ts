import { absent, isAbsent } from '../base/known.ts';
import type { Absent } from '../base/known.ts';
import { momentsOf } from './moments.ts';
import { finite, offScale } from './scale.ts';
import type { Scale } from './scale.ts';
import { reasons } from './texts.ts';

/** Monte Carlo standard errors in the metric's unit; null where one isn't known. */
export interface Errors {
  candidate: number | null;
  baseline: number | null;
}

/** The part of a difference's uncertainty that comes from a finite number of draws. */
export interface MonteCarlo {
  /** Of the difference, in the metric's unit; of a ratio, as a share of it. */
  mcse: number;
  /** The estimate ± 2 such errors; on logarithms for a ratio. */
  low: number;
  high: number;
}

/** A difference of less than so many Monte Carlo errors isn't one. */
const ERRORS = 2;

/**
 * The Monte Carlo error of a comparison: the root of the summed squares of both sides' errors; for a ratio, of their errors
 * as shares of their means, by the delta method.
 */
export function monteCarloOf({
  estimate,
  scale,
  values,
  mcse,
}: {
  estimate: number | Absent;
  scale: Scale;
  values: { candidate: readonly number[]; baseline: readonly number[] };
  mcse: Errors | null;
}): MonteCarlo | Absent {
  if (isAbsent(estimate)) return estimate;
  const [one, other] = [mcse?.candidate ?? null, mcse?.baseline ?? null];
  if (one === null || other === null || !(one >= 0) || !(other >= 0)) return absent(reasons.noMonteCarloError);
  const share = (error: number, side: readonly number[]) => error / momentsOf(side).mean;
  const error =
    scale === 'ratio'
      ? Math.hypot(share(one, values.candidate), share(other, values.baseline))
      : Math.hypot(one, other);
  const [whole, low, high] = [finite(error), ...bounds(estimate, ERRORS * error, scale)];
  if (isAbsent(whole)) return whole;
  if (isAbsent(low)) return low;
  if (isAbsent(high)) return high;
  return { mcse: whole, low, high };
}

function bounds(estimate: number, half: number, scale: Scale): [number | Absent, number | Absent] {
  const center = scale === 'ratio' ? Math.log(estimate) : estimate;
  return [offScale(center - half, scale), offScale(center + half, scale)];
}
