import { incompleteBeta } from './beta.ts';
import { normalQuantile } from './normal.ts';

/** P(B ≤ k) of a binomial B with n trials of chance p: I_{1 − p}(n − k, k + 1), Abramowitz and Stegun (1964), 26.5.24. */
export const atMost = (k: number, n: number, p: number): number =>
  k < 0 ? 0 : k >= n ? 1 : incompleteBeta(n - k, k + 1, 1 - p, p);

/**
 * Wilson's 95 % interval of a chance, from `hits` of `n` independent trials, n > 0. Wilson (1927); recommended for all n by
 * Brown, Cai and DasGupta (2001), Interval estimation for a binomial proportion, doi:10.1214/ss/1009213286.
 */
export function wilsonInterval(hits: number, n: number): [low: number, high: number] {
  const z = normalQuantile(0.975);
  const center = (hits + z ** 2 / 2) / (n + z ** 2);
  const half = (z / (n + z ** 2)) * Math.sqrt((hits * (n - hits)) / n + z ** 2 / 4);
  // Rounding would lead a little past the ends.
  return [hits === 0 ? 0 : center - half, hits === n ? 1 : center + half];
}
