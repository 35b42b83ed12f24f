import { incompleteBeta } from './beta.ts';
import { LEVEL } from './interval.ts';
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

/**
 * One-sided 95 % bounds of a proportion by the binomial distribution (Clopper and Pearson (1934), doi:10.1093/biomet/26.4.404): with a
 * chance of at least 95 % the proportion is at least `low`, and with the same chance at most `high`. So they judge a limit as the
 * bounds of a quantile do. An end of Wilson's interval is no such bound: 1 error of 20 would put a proportion of 0.01 below it,
 * which then has 18 % of all samples.
 * @param successes - of `trials`, which are at least 1 and independent.
 */
export const proportionBounds = (successes: number, trials: number): { low: number; high: number } => ({
  low: successes <= 0 ? 0 : betaQuantile(1 - LEVEL, successes, trials - successes + 1),
  high: successes >= trials ? 1 : betaQuantile(LEVEL, successes + 1, trials - successes),
});

/** The x up to which a beta variable has the chance p. */
function betaQuantile(p: number, a: number, b: number): number {
  let [below, above] = [0, 1];
  for (let between = 0.5; below < between && between < above; between = (below + above) / 2) {
    if (incompleteBeta(a, b, between, 1 - between) < p) below = between;
    else above = between;
  }
  return above;
}
