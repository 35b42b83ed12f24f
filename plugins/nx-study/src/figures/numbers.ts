import { format } from 'd3-format';

const integer = format(',d');
const whole = format(',.0f');
const significant = format(',.3r');
const exponent = format('.2e');

/**
 * A number for people: integers in full, others with three significant digits, the smallest and largest with an
 * exponent. The minus is U+2212, and thousands are apart by commas, so that it can't be sorted as text.
 */
export function numberText(value: number): string {
  const size = Math.abs(value);
  if (!Number.isFinite(value)) return 'no value';
  if (size >= 1e9 || (size > 0 && size < 1e-4)) return exponent(value);
  if (Number.isInteger(value)) return integer(value);
  return size >= 1000 ? whole(value) : significant(value);
}

/** A coordinate: a tenth of a unit is finer than a screen shows. */
export const rounded = (value: number): number => Math.round(value * 10) / 10;
