import { absent } from '../base/known.ts';
import type { Absent } from '../base/known.ts';
import { FEWEST_REPETITIONS, SIGNIFICANCE } from './interval.ts';
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

/**
 * The least number of repetitions (of each side; of pairs) with which a two-sided t test finds the difference in 80 % of
 * studies, if difference and spread are truly such. Exact: from the noncentral t distribution, no approximation. Never below
 * 3, as there is no interval below.
 * @param significance - the level of the test; lower where several differences are tested.
 */
export function repetitionsNeeded(design: Design, significance = SIGNIFICANCE): number | Absent {
  if (design.difference === 0) return absent(reasons.noDifference);
  if (!(design.sd > 0)) return absent(reasons.noSpread);
  // With a known spread a normal test would need this number; a t test needs a few more.
  const shift = normalQuantile(1 - significance / 2) + normalQuantile(POWER);
  const least = (shift * (design.sd / Math.abs(design.difference))) ** 2;
  if (!(least <= MOST_REPETITIONS)) return absent(reasons.tooManyNeeded(MOST_REPETITIONS));
  const isEnough = (n: number) => powerOf(design, n, significance) >= POWER;
  return leastFrom(Math.max(FEWEST_REPETITIONS, Math.floor(least)), isEnough);
}

/** The least whole number from `first` on that is enough; all above it are, too. */
function leastFrom(first: number, isEnough: (n: number) => boolean): number {
  let [below, step] = [first - 1, 1];
  while (!isEnough(below + step)) [below, step] = [below + step, 2 * step];
  while (step > 1) {
    step /= 2;
    if (!isEnough(below + step)) below += step;
  }
  return below + 1;
}

/** The chance that a two-sided t test of this level with n repetitions finds the difference. */
export function powerOf({ difference, sd, dfPerRepetition }: Design, n: number, significance = SIGNIFICANCE): number {
  const df = (n - 1) * dfPerRepetition;
  return beyond(studentQuantile(1 - significance / 2, df), df, (Math.abs(difference) / sd) * Math.sqrt(n));
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
