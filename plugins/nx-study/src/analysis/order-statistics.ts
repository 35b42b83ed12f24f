import { absent, isAbsent } from '../base/known.ts';
import type { Absent } from '../base/known.ts';
import { sort } from '../base/quantile.ts';
import { atMost } from './binomial.ts';
import { LEVEL } from './interval.ts';
import type { Interval } from './interval.ts';
import { onScale } from './scale.ts';
import { sampleReasons } from './texts.ts';

/**
 * A 95 % interval of a quantile of the requests of one process: from one of the sorted values to another, by the binomial
 * distribution of the number of requests below the quantile (Conover (1999), Practical nonparametric statistics, 3.2).
 * Assumes nothing about their distribution, but that requests don't depend on each other; where they do, it is too narrow.
 * @param p - above 0 and below 1.
 * @returns Its `level` is what the interval reaches, at least 95 %. Absent where an end would lie beyond the values.
 */
export function quantileInterval(values: readonly number[], p: number): Interval | Absent {
  const plain = onScale(values, 'difference');
  if (isAbsent(plain)) return plain;
  const n = plain.length;
  const tail = (1 - LEVEL) / 2;
  const low = firstRank(n, p, tail);
  const high = firstRank(n, p, 1 - tail) + 1;
  if (low < 1 || high > n) return absent(sampleReasons.tooFewForInterval(n));
  const sorted = sort(plain);
  const level = atMost(high - 1, n, p) - atMost(low - 1, n, p);
  return { low: sorted[low - 1]!, high: sorted[high - 1]!, level, kind: 'order-statistics' };
}

/**
 * One-sided 95 % bounds of a quantile of independent values, by the binomial distribution of the number of values below it:
 * with a chance of 95 % the quantile is at least `low`, and with the same chance at most `high`.
 * @param sorted - ascending, in any unit.
 * @param p - above 0 and below 1.
 * @returns null for a bound that would lie beyond the values: of p99 the upper one needs 299 of them.
 */
export function quantileBounds(sorted: ArrayLike<number>, p: number): { low: number | null; high: number | null } {
  const n = sorted.length;
  const low = firstRank(n, p, 1 - ONE_SIDED);
  const high = firstRank(n, p, ONE_SIDED) + 1;
  return { low: low < 1 ? null : sorted[low - 1]!, high: high > n ? null : sorted[high - 1]! };
}

/** The fewest values of which an upper bound of a quantile exists: 1 − pⁿ is the chance that the largest one lies above it. */
export const valuesForUpperBound = (p: number): number => Math.ceil(Math.log(1 - ONE_SIDED) / Math.log(p) - 1e-9);

const ONE_SIDED = 0.95;

/** The least count k of n with P(B ≤ k) ≥ `chance`, for a binomial B with chance p. */
function firstRank(n: number, p: number, chance: number): number {
  let [below, above] = [-1, n];
  while (above - below > 1) {
    const between = Math.floor((below + above) / 2);
    if (atMost(between, n, p) >= chance) above = between;
    else below = between;
  }
  return above;
}
