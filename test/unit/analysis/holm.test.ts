import { array, assert, double, option, property } from 'fast-check';
import { expect, test } from 'vitest';
import { holm } from '../../../plugins/nx-study/src/analysis/holm.ts';
import { expectNear, fixtures } from './fixtures.ts';

test.each(fixtures.holm)('as statsmodels has it: $p', ({ p, adjusted }) => {
  const found = holm(p);
  expect(found.length).toBe(adjusted.length);
  for (const [index, value] of found.entries()) expectNear(value!, adjusted[index]!);
});

test('comparisons without a p value keep their places, and are not counted', () => {
  expect(holm([null, 0.01, null, 0.03])).toEqual([null, 0.02, null, 0.03]);
  expect(holm([])).toEqual([]);
});

test('property: never below the p value, never above 1, in the same order', () => {
  assert(
    property(array(option(double({ min: 0, max: 1, noNaN: true }))), (pValues) => {
      const adjusted = holm(pValues);
      for (const [index, p] of pValues.entries()) {
        expect(adjusted[index] === null).toBe(p === null);
        if (p === null) continue;
        expect(adjusted[index]).toBeGreaterThanOrEqual(p);
        expect(adjusted[index]).toBeLessThanOrEqual(1);
        const ofLarger = adjusted.filter((_, at) => pValues[at] !== null && pValues[at]! > p);
        expect(adjusted[index]).toBeLessThanOrEqual(Math.min(1, ...ofLarger.map(Number)));
      }
    }),
  );
});
