import { absent } from '../base/known.ts';
import type { Absent } from '../base/known.ts';
import { reasons } from './texts.ts';

/**
 * How values of a metric are compared. `ratio`: of geometric means, computed on natural logarithms, for what is always
 * positive (times, rates, bytes). `difference`: of means, for what may be 0 or negative (positions, gaps, counts of errors).
 */
export type Scale = 'ratio' | 'difference';

/** Values on the scale on which means are taken: logarithms, or as they are. Absent for no values, and where the scale doesn't allow one of them. */
export function onScale(values: readonly number[], scale: Scale): number[] | Absent {
  if (values.length === 0) return absent(reasons.noValues);
  if (!values.every(Number.isFinite)) return absent(reasons.notFinite);
  if (scale === 'difference') return [...values];
  const notPositive = values.find((value) => value <= 0);
  return notPositive === undefined ? values.map(Math.log) : absent(reasons.notPositive(notPositive));
}

/** Back from the scale of means to the metric's unit, or to a ratio; absent where no number is left of it. */
export function offScale(value: number, scale: Scale): number | Absent {
  if (scale === 'difference') return finite(value);
  const result = Math.exp(value);
  return result > 0 ? finite(result) : absent(reasons.outOfRange);
}

/** The size of the numbers that values on this scale were computed from: an error of rounding is a share of it. */
export function magnitudeOf(values: readonly number[], scale: Scale): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), scale === 'ratio' ? 1 : 0);
}

/** A finite number; absent for another, which overflowed. */
export const finite = (value: number): number | Absent => (Number.isFinite(value) ? value : absent(reasons.outOfRange));
