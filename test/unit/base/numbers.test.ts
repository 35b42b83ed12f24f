import { expect, it } from 'vitest';
import { concludeAll } from '../../../plugins/nx-study/src/analysis/conclusion.ts';
import { compare } from '../../../plugins/nx-study/src/analysis/compare.ts';
import { summarise } from '../../../plugins/nx-study/src/analysis/summary.ts';
import { fixed, formatNumber, signedFixed } from '../../../plugins/nx-study/src/base/numbers.ts';
import { againstText, summaryText, withRange } from '../../../plugins/nx-study/src/comparisons/format.ts';
import { correlationText, differenceText, signedText } from '../../../plugins/nx-study/src/page/posterior/cells.ts';

it('shows no sign where a number is 0 with the decimals that it gets', () => {
  expect([fixed(-0.04, 1), fixed(-0, 1), fixed(-0.06, 1), fixed(0.04, 1)]).toEqual(['0.0', '0.0', '-0.1', '0.0']);
  expect([signedFixed(-0.04, 1), signedFixed(0.04, 1), signedFixed(0.06, 1)]).toEqual(['0.0', '0.0', '+0.1']);
  expect([formatNumber(-0), signedText(-0)]).toEqual(['0', '0']);
});

it.each([
  ['an estimate and its interval', withRange(-0.004, -1.2, -0.003), '0.00 [-1.20, 0.00]'],
  ['a difference and its error', differenceText(-0.004, 0.5), '0.00'],
  ['a difference above 0 as shown', differenceText(0.04, 0.5), '+0.04'],
  ['a correlation', correlationText(-0.0004), '0.000'],
])('so does %s', (_what, text, shown) => expect(text).toBe(shown));

const repetitions = (values: readonly number[]) => values.map((value, index) => ({ value, repetition: `${index}` }));

it('so do repetitions and their difference to the baseline', () => {
  const values = [-1, 1.01, -0.011];
  expect(summaryText(summarise(values, 'difference'))).toBe('0.0 ± 2.5');
  const against = compare(repetitions(values), repetitions([0, 0, 0]), {
    scale: 'difference',
    pairs: true,
    mcse: null,
  });
  expect(againstText(concludeAll([against])[0]!)).toBe('0.0 [-2.5, 2.5]');
});
