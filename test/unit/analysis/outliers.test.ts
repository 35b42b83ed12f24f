import { array, assert, constantFrom, double, property } from 'fast-check';
import { expect, test } from 'vitest';
import { outliersOf } from '../../../plugins/nx-study/src/analysis/outliers.ts';
import { expectFinite, fixtures } from './fixtures.ts';

test.each(fixtures.outliers)('as by SciPy: $values', ({ values, positions }) => {
  expect(outliersOf(values, 'difference')).toEqual(positions);
});

test('by hand: the score is 0.6745 distances / MAD, and 3.5 is the limit', () => {
  // Median 10, MAD 1: the limit lies at 15.19.
  const usual = [9, 9, 10, 11, 11, 10, 9, 11];
  expect(outliersOf([...usual, 15.1], 'difference')).toEqual([]);
  expect(outliersOf([15.3, ...usual], 'difference')).toEqual([0]);
  // On logarithms a value of twice and one of half the usual are equally far away.
  expect(outliersOf([1, 1.1, 1 / 1.1, 2, 0.5, 1.05, 1 / 1.05], 'ratio')).toEqual([3, 4]);
});

test('none below 5 values, and none where there is no scale', () => {
  expect(outliersOf([1, 1, 1, 100], 'difference')).toMatchObject({
    value: null,
    reason: expect.stringContaining('below 5'),
  });
  expect(outliersOf([5, 5, 5, 5, 100], 'difference')).toMatchObject({ reason: expect.stringContaining('equal') });
  expect(outliersOf([0, 1, 2, 3, 4], 'ratio')).toMatchObject({ reason: expect.stringContaining('one is 0') });
});

test('property: fewer than half stand out, in any unit; no NaN', () => {
  const scale = constantFrom('ratio' as const, 'difference' as const);
  assert(
    property(array(double(), { maxLength: 9 }), scale, (values, scale) => expectFinite(outliersOf(values, scale))),
  );
  assert(
    property(array(double({ min: 0.1, max: 10, noNaN: true }), { minLength: 5 }), (values) => {
      const found = outliersOf(values, 'difference');
      if (!Array.isArray(found)) return;
      expect(found.length).toBeLessThan(values.length / 2);
      expect(
        outliersOf(
          values.map((value) => value * 1024),
          'difference',
        ),
      ).toEqual(found);
    }),
  );
});
