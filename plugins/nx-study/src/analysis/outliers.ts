import { absent, isAbsent } from '../base/known.ts';
import type { Absent } from '../base/known.ts';
import { median } from '../base/quantile.ts';
import { onScale } from './scale.ts';
import type { Scale } from './scale.ts';
import { seriesReasons } from './texts.ts';

/** Below it a median of distances says too little. */
export const FEWEST_VALUES = 5;
/** Iglewicz and Hoaglin (1993), How to detect and handle outliers. */
const LARGEST_SCORE = 3.5;
/** The normal quantile of 0.75: makes the score one in standard deviations for normal values. */
const MAD_OF_NORMAL = 0.674_489_750_196_081_7;
/** A distance below this share of the values is the rounding of doubles. */
const ROUNDING = 1e-12;

/**
 * Positions of repetitions that stand out; they are marked and never left out. A value does when its modified z score,
 * 0.6745 |x − median| / MAD, is above 3.5; on logarithms for the scale `ratio`.
 * @returns Absent below 5 values, and where half of them or more are equal.
 */
export function outliersOf(values: readonly number[], scale: Scale): number[] | Absent {
  const scaled = onScale(values, scale);
  if (isAbsent(scaled)) return scaled;
  if (values.length < FEWEST_VALUES) return absent(seriesReasons.tooFewForOutliers(values.length, FEWEST_VALUES));
  // Halves: the distance of two values as large as numbers get is no number.
  const halves = scaled.map((value) => value / 2);
  const center = median(halves);
  const distances = halves.map((value) => Math.abs(value - center));
  const mad = median(distances);
  if (mad <= ROUNDING * Math.max(Math.abs(center), scale === 'ratio' ? 1 : 0)) return absent(seriesReasons.noScale);
  return distances.flatMap((distance, index) => (MAD_OF_NORMAL * (distance / mad) > LARGEST_SCORE ? [index] : []));
}
