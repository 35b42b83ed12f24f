import { incompleteBeta } from './beta.ts';

/** P(B ≤ k) of a binomial B with n trials of chance p: I_{1 − p}(n − k, k + 1), Abramowitz and Stegun (1964), 26.5.24. */
export const atMost = (k: number, n: number, p: number): number =>
  k < 0 ? 0 : k >= n ? 1 : incompleteBeta(n - k, k + 1, 1 - p, p);
