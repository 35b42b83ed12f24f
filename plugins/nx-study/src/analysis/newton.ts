/** A distribution that is symmetric around 0 and whose density falls away from it. */
export interface Symmetric {
  /** P(X > x), for x ≥ 0. */
  tail: (x: number) => number;
  density: (x: number) => number;
  /** A value at or below the x ≥ 0 with `tail(x)` = q, for 0 < q < ½. */
  start: (q: number) => number;
}

/**
 * The x with P(X ≤ x) = p. Newton's method on the tail, which is convex: from below it never steps too far, so it needs no
 * bounds.
 * @throws RangeError when p is not above 0 and below 1.
 */
export function quantileFromTail(p: number, distribution: Symmetric): number {
  if (!(p > 0 && p < 1)) throw new RangeError(`a probability must be above 0 and below 1, not ${p}`);
  if (p === 0.5) return 0;
  return p > 0.5 ? solve(1 - p, distribution) : -solve(p, distribution);
}

const MOST_STEPS = 10_000;
const PRECISION = 1e-15;

function solve(q: number, { tail, density, start }: Symmetric): number {
  let x = start(q);
  for (let count = 0; count < MOST_STEPS; count += 1) {
    const step = (tail(x) - q) / density(x);
    x += step;
    if (step <= PRECISION * x) break;
  }
  return x;
}
