import type { Estimate } from './interval.ts';
import { momentsOf } from './moments.ts';
import type { Moments } from './moments.ts';
import { magnitudeOf } from './scale.ts';
import type { Scale } from './scale.ts';

/** A difference on the scale of means, and how its standard error changes with the number of repetitions. */
export interface Contrast extends Estimate {
  /** The standard error times √n, for n repetitions of each side. */
  sd: number;
  /** The degrees of freedom for n repetitions of each side, over n − 1. */
  dfPerRepetition: number;
}

/** The mean of the differences within pairs; both sides in the same order. */
export function pairedContrast(candidate: readonly number[], baseline: readonly number[], scale: Scale): Contrast {
  const differences = candidate.map((value, index) => value - baseline[index]!);
  const { n, mean, sd } = momentsOf(differences, magnitudeOf([...candidate, ...baseline], scale));
  return { center: mean, se: sd / Math.sqrt(n), df: n - 1, sd, dfPerRepetition: 1 };
}

/** The difference of two means without an assumption of equal spread: Welch (1947). */
export function welchContrast(candidate: readonly number[], baseline: readonly number[], scale: Scale): Contrast {
  const one = momentsOf(candidate, magnitudeOf(candidate, scale));
  const other = momentsOf(baseline, magnitudeOf(baseline, scale));
  const center = one.mean - other.mean;
  const sd = Math.hypot(one.sd, other.sd);
  const se = Math.hypot(one.sd / Math.sqrt(one.n), other.sd / Math.sqrt(other.n));
  return {
    center,
    se,
    df: satterthwaite(one, other),
    sd,
    dfPerRepetition: satterthwaite({ ...one, n: 2 }, { ...other, n: 2 }),
  };
}

/** Degrees of freedom of the sum of two squared standard errors: Satterthwaite (1946). Computed from their shares, which don't overflow. */
function satterthwaite(one: Moments, other: Moments): number {
  const errors = [one, other].map(({ sd, n }) => sd / Math.sqrt(n));
  const whole = Math.hypot(...errors);
  const [a, b] = errors.map((error) => (error / whole) ** 2) as [number, number];
  return 1 / (a ** 2 / (one.n - 1) + b ** 2 / (other.n - 1));
}
