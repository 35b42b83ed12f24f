import { quantileFromTail } from './newton.ts';

/**
 * P(Z > z) of a standard normal Z, relative error about 1e-14. Below 2.5 the series of Marsaglia (2004), Evaluating the
 * normal distribution, above it Laplace's continued fraction (Abramowitz and Stegun (1964), 26.2.14).
 */
export function normalTail(z: number): number {
  if (z < 0) return 1 - normalTail(-z);
  return z < 2.5 ? 0.5 - density(z) * series(z) : density(z) / fraction(z);
}

/** P(Z ≤ z) of a standard normal Z. */
export const normalCdf = (z: number): number => normalTail(-z);

/**
 * The z with P(Z ≤ z) = p of a standard normal Z.
 * @param p - above 0 and below 1.
 * @throws RangeError for another p.
 */
export const normalQuantile = (p: number): number => quantileFromTail(p, { tail: normalTail, density, start: () => 0 });

const density = (z: number): number => Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);

/** z + z³/3 + z⁵/(3 · 5) + … */
function series(z: number): number {
  let term = z;
  let total = z;
  for (let k = 3; term > total * 1e-17; k += 2) {
    term *= (z * z) / k;
    total += term;
  }
  return total;
}

/** z + 1/(z + 2/(z + 3/(z + …))); the larger z is, the fewer terms matter. */
function fraction(z: number): number {
  let value = z;
  for (let k = Math.ceil(300 / (z * z)) + 5; k >= 1; k -= 1) value = z + k / value;
  return value;
}
