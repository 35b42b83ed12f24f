import { normalQuantile } from './normal.ts';

/**
 * Wilson's score interval of a proportion (Wilson (1927), doi:10.1080/01621459.1927.10502953): never outside of 0 to 1, and
 * near its level also for few trials and for proportions near 0 or 1 (Brown, Cai and DasGupta (2001), doi:10.1214/ss/1009213286).
 * @param successes - of `trials`, which are at least 1 and independent.
 * @param level - the chance that the interval covers the proportion, such as 0.95.
 */
export function wilsonInterval(successes: number, trials: number, level: number): { low: number; high: number } {
  const z = normalQuantile((1 + level) / 2);
  const share = successes / trials;
  const center = share + (z * z) / (2 * trials);
  const half = z * Math.sqrt((share * (1 - share)) / trials + (z * z) / (4 * trials * trials));
  const scale = 1 + (z * z) / trials;
  // At 0 and 1 the formula gives exactly these ends, but for rounding.
  return {
    low: successes === 0 ? 0 : (center - half) / scale,
    high: successes === trials ? 1 : (center + half) / scale,
  };
}
