import { atMost } from './binomial.ts';
import { sum } from '../base/sum.ts';

/** How many of n values lie below each of the evaluation points: the lowest and the highest count that are inside. */
export interface CountBand {
  low: number[];
  high: number[];
}

/**
 * A band for counts of uniform values below each point of `chances`, which rise from above 0 to below 1: inside is a count
 * whose two-sided binomial p value, 2 min(P(B ≤ k), P(B ≥ k)), is above `gamma`.
 */
export function pointwiseBand(n: number, chances: readonly number[], gamma: number): CountBand {
  const low = chances.map((chance) => firstCount(n, (k) => atMost(k, n, chance) > gamma / 2));
  const high = chances.map((chance) => n - firstCount(n, (k) => atMost(k, n, 1 - chance) > gamma / 2));
  return { low, high };
}

/**
 * The chance that n independent uniform values stay inside of the band at all points: Säilynoja, Bürkner and Vehtari (2022),
 * Graphical test for discrete uniformity and its applications, doi:10.1007/s11222-022-10090-6, section 2.2. From one point
 * to the next, each of the values that are still above it falls between the two with chance (z' − z) / (1 − z), so the
 * counts are a Markov chain, whose paths within the band are added up. Exact.
 */
export function chanceInside(n: number, chances: readonly number[], { low, high }: CountBand): number {
  const logFactorial = logFactorials(n);
  let from = 0;
  let inside = [1];
  let before = 0;
  for (const [index, chance] of chances.entries()) {
    const step = (chance - before) / (1 - before);
    const [next, last] = [low[index]!, high[index]!];
    inside = stepped(inside, {
      from,
      next,
      last,
      n,
      logStep: Math.log(step),
      logRest: Math.log1p(-step),
      logFactorial,
    });
    from = next;
    before = chance;
  }
  return sum(inside);
}

/**
 * The largest pointwise level whose band holds all points at once with a chance of at least `level`. A sample is outside of
 * this band exactly where `simultaneousP` is at most 1 − level.
 */
export function simultaneousLevel(n: number, chances: readonly number[], level: number): number {
  // By Bonferroni's inequality the answer is not below the first; of one point it is the second.
  let [inside, outside] = [(1 - level) / chances.length, 1 - level];
  const holds = (gamma: number) => chanceInside(n, chances, pointwiseBand(n, chances, gamma)) >= level;
  if (holds(outside)) return outside;
  for (let count = 0; count < STEPS; count += 1) {
    const between = Math.sqrt(inside * outside);
    if (holds(between)) inside = between;
    else outside = between;
  }
  return inside;
}

/** The p value of counts: the chance that uniform values leave a band that is just too narrow for them. */
export function simultaneousP(n: number, chances: readonly number[], counts: readonly number[]): number {
  const gamma = Math.min(
    1,
    ...counts.map((k, index) => 2 * Math.min(atMost(k, n, chances[index]!), atMost(n - k, n, 1 - chances[index]!))),
  );
  if (gamma === 1) return 1;
  return Math.min(1, Math.max(0, 1 - chanceInside(n, chances, pointwiseBand(n, chances, gamma))));
}

/** The answer is exact to a share of 2^-30 of itself: no two counts have levels that are closer. */
const STEPS = 30;

/** The least k from 0 to n that `is`; it is for all above it. */
function firstCount(n: number, is: (k: number) => boolean): number {
  let [below, above] = [-1, n];
  while (above - below > 1) {
    const between = Math.floor((below + above) / 2);
    if (is(between)) above = between;
    else below = between;
  }
  return above;
}

interface Step {
  /** The count that `inside` begins with, and the first and last of the next point. */
  from: number;
  next: number;
  last: number;
  n: number;
  logStep: number;
  logRest: number;
  logFactorial: Float64Array;
}

function stepped(inside: readonly number[], { from, next, last, n, logStep, logRest, logFactorial }: Step): number[] {
  const result = Array.from({ length: Math.max(0, last - next + 1) }, () => 0);
  for (const [index, chance] of inside.entries()) {
    const left = n - from - index;
    for (let k = Math.max(next, from + index); k <= last; k += 1) {
      const fell = k - from - index;
      const ways = logFactorial[left]! - logFactorial[fell]! - logFactorial[left - fell]!;
      result[k - next]! += chance * Math.exp(ways + fell * logStep + (left - fell) * logRest);
    }
  }
  return result;
}

function logFactorials(n: number): Float64Array {
  const all = new Float64Array(n + 1);
  for (let k = 2; k <= n; k += 1) all[k] = all[k - 1]! + Math.log(k);
  return all;
}
