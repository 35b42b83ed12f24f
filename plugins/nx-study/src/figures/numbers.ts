import { formatNumber } from '../base/numbers.ts';

/**
 * A number of a page: as the terminal has it, with three significant digits unless more are asked for. The minus is U+2212,
 * and thousands are apart by commas, so that it can't be sorted as text.
 */
export const numberText = (value: number, digits = 3): string =>
  Number.isFinite(value) ? typeset(formatNumber(value, digits)) : 'no value';

/** Numbers in a text as a page has them: with a real minus, and commas between thousands. */
export const typeset = (text: string): string =>
  text
    .replaceAll('-', '−')
    .replaceAll('e−', 'e-')
    .replaceAll(/(?<![.\d])\d{4,}/g, (digits) => digits.replaceAll(/\B(?=(\d{3})+$)/g, ','));

/** A coordinate: a tenth of a unit is finer than a screen shows. */
export const rounded = (value: number): number => Math.round(value * 10) / 10;
