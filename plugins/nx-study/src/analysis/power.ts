import { absent } from '../base/known.ts';
import type { Absent } from '../base/known.ts';
import { FEWEST_REPETITIONS, LEVEL } from './interval.ts';
import { normalQuantile, normalTail } from './normal.ts';
import { studentQuantile } from './student.ts';
import { reasons } from './texts.ts';

/** A difference and its spread on the scale of means, as one repetition (or pair) shows them. */
export interface Design {
  difference: number;
  /** The standard error is this over √n. */
  sd: number;
  /** The standard error has (n − 1) times so many degrees of freedom: 1 for pairs, 1 to 2 for Welch's test. */
  dfPerRepetition: number;
}

/** The chance to tell a difference apart that the number of repetitions is chosen for. */
export const POWER = 0.8;
const MOST_REPETITIONS = 10_000;
/** The difference, in standard errors, that a normal test finds with this chance. */
const NORMAL_SHIFT = normalQuantile((1 + LEVEL) / 2) + normalQuantile(POWER);

/**
 * The least number of repetitions (of each side; of pairs) with which a two-sided t test at 5 % finds the difference in
 * 80 % of studies, if difference and spread are truly such. Exact: from the noncentral t distribution, no approximation.
 * Never below 3, as there is no interval below.
 */
export function repetitionsNeeded(design: Design): number | Absent {
  if (design.difference === 0) return absent(reasons.noDifference);
  if (!(design.sd > 0)) return absent(reasons.noSpread);
  // With a known spread a normal test would need this number; a t test needs a few more.
  const least = (NORMAL_SHIFT * (design.sd / Math.abs(design.difference))) ** 2;
  if (!(least <= MOST_REPETITIONS)) return absent(reasons.tooManyNeeded(MOST_REPETITIONS));
  let n = Math.max(FEWEST_REPETITIONS, Math.floor(least));
  while (powerOf(design, n) < POWER) n += 1;
  return n;
}

/** The chance that a two-sided t test at 5 % with n repetitions finds the difference. */
export function powerOf({ difference, sd, dfPerRepetition }: Design, n: number): number {
  const df = (n - 1) * dfPerRepetition;
  return beyond(studentQuantile((1 + LEVEL) / 2, df), df, (Math.abs(difference) / sd) * Math.sqrt(n));
}

/**
 * P(|T| > t) of a noncentral t. T is (Z + shift) / S with a normal Z and S² = χ²/df, so the chance is the mean of
 * P(|Z + shift| > t S) over S. The trapezoidal rule on ln S, whose density falls fast on both sides, converges
 * exponentially; dividing by its own sum of weights saves the density's constant.
 */
function beyond(t: number, df: number, shift: number): number {
  const step = STEP / Math.sqrt(df);
  let weights = 0;
  let total = 0;
  const add = (u: number): boolean => {
    const weight = Math.exp(df * (u + 0.5 - Math.exp(2 * u) / 2));
    const limit = t * Math.exp(u);
    weights += weight;
    total += weight * (normalTail(limit - shift) + normalTail(limit + shift));
    return weight > LEAST_WEIGHT;
  };
  for (let k = 0; add(k * step); k += 1);
  for (let k = -1; add(k * step); k -= 1);
  return total / weights;
}

/** In units of 1/√df, which is 1.4 standard deviations of ln S. */
const STEP = 0.1;
const LEAST_WEIGHT = 1e-14;
