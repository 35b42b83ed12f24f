import { absent, isAbsent } from '../base/known.ts';
import type { Absent } from '../base/known.ts';
import { offScale } from './scale.ts';
import type { Scale } from './scale.ts';
import { studentQuantile } from './student.ts';
import { reasons } from './texts.ts';
import type { intervalWords } from './texts.ts';

export interface Interval {
  /** In the metric's unit, or a ratio; so is `high`. */
  low: number;
  high: number;
  /** The share of such intervals that contain the true value. */
  level: number;
  /** A key of `intervalWords`. */
  kind: keyof typeof intervalWords;
}

/** An estimate on the scale of means, with its standard error. */
export interface Estimate {
  center: number;
  se: number;
  /** Degrees of freedom of the standard error. */
  df: number;
}

export const LEVEL = 0.95;
/** The level of tests, which belongs to that of the intervals. */
export const SIGNIFICANCE = 0.05;
/** With 2 values a t interval is 12.7 standard errors wide to each side. */
export const FEWEST_REPETITIONS = 3;

/** center ± t se, with Student's t for 95 %; taken back from logarithms for ratios. Absent for a standard error of 0. */
export function tInterval({ center, se, df }: Estimate, scale: Scale, kind: Interval['kind']): Interval | Absent {
  if (se === 0) return absent(reasons.noSpread);
  const half = studentQuantile((1 + LEVEL) / 2, df) * se;
  const low = offScale(center - half, scale);
  const high = offScale(center + half, scale);
  if (isAbsent(low)) return low;
  if (isAbsent(high)) return high;
  return { low, high, level: LEVEL, kind };
}
