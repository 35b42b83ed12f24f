import { betaPower, incompleteBeta } from './beta.ts';
import { quantileFromTail } from './newton.ts';
import { normalQuantile } from './normal.ts';

/**
 * P(T > t) of Student's t: ½ I_x(df/2, ½) with x = df / (df + t²), Abramowitz and Stegun (1964), 26.7.1. Relative error
 * about 1e-13.
 * @param df - degrees of freedom, above 0; need not be a whole number.
 */
export function studentTail(t: number, df: number): number {
  if (t < 0) return 1 - studentTail(-t, df);
  const { x, y } = shares(t, df);
  return incompleteBeta(df / 2, 0.5, x, y) / 2;
}

/** P(T ≤ t) of Student's t. */
export const studentCdf = (t: number, df: number): number => studentTail(-t, df);

/**
 * The t with P(T ≤ t) = p of Student's t. Relative error about 1e-13.
 * @param p - above 0 and below 1.
 * @param df - degrees of freedom, above 0; need not be a whole number.
 * @throws RangeError for another p.
 */
export function studentQuantile(p: number, df: number): number {
  const key = `${p} ${df}`;
  const known = quantiles.get(key);
  if (known !== undefined) return known;
  const found = quantileFromTail(p, {
    tail: (t) => studentTail(t, df),
    density: (t) => density(t, df),
    // The tails of t are heavier than the normal ones.
    start: (q) => -normalQuantile(q),
  });
  if (quantiles.size < MOST_KEPT) quantiles.set(key, found);
  return found;
}

// Thousands of comparisons of one design ask for the same few.
const quantiles = new Map<string, number>();
const MOST_KEPT = 10_000;

/** P(F > f) of Fisher's F: I_x(b/2, a/2) with x = b / (b + a f), Abramowitz and Stegun (1964), 26.6.2. */
export function fisherTail(f: number, a: number, b: number): number {
  if (f <= 0) return 1;
  const ratio = (a / b) * f;
  return incompleteBeta(b / 2, a / 2, 1 / (1 + ratio), 1 / (1 + 1 / ratio));
}

const density = (t: number, df: number): number => {
  const { x, y } = shares(t, df);
  return betaPower(df / 2, 0.5, x, y) / t;
};

/** df / (df + t²), and what is left to 1. */
function shares(t: number, df: number): { x: number; y: number } {
  const squared = (t / df) * t;
  return { x: 1 / (1 + squared), y: squared === 0 ? 0 : 1 / (1 + 1 / squared) };
}
