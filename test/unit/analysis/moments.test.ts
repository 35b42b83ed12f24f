import { array, assert, double, property } from 'fast-check';
import { expect, test } from 'vitest';
import { momentsOf } from '../../../plugins/nx-study/src/analysis/moments.ts';

test('by hand: 2, 4, 4, 4, 5, 5, 7, 9', () => {
  expect(momentsOf([2, 4, 4, 4, 5, 5, 7, 9])).toEqual({ n: 8, mean: 5, sd: expect.closeTo(Math.sqrt(32 / 7), 14) });
  expect(momentsOf([3])).toEqual({ n: 1, mean: 3, sd: 0 });
});

test('squares neither overflow nor vanish', () => {
  expect(momentsOf([1e300, 3e300, 5e300]).sd / 1e300).toBeCloseTo(2, 12);
  expect(momentsOf([Number.MAX_VALUE])).toEqual({ n: 1, mean: Number.MAX_VALUE, sd: 0 });
  expect(momentsOf([Number.MIN_VALUE]).mean).toBe(Number.MIN_VALUE);
  expect(momentsOf([1e-300, 3e-300, 5e-300]).sd / 1e-300).toBeCloseTo(2, 12);
});

test('a spread that is only rounding is 0, seen from the numbers that the values come from', () => {
  expect(momentsOf([0.1 + 0.2, 0.3, 0.3]).sd).toBe(0);
  const rest = [1e-16, -1e-16, 2e-16];
  expect(momentsOf(rest).sd).toBeGreaterThan(0);
  expect(momentsOf(rest, 1).sd).toBe(0);
  expect(momentsOf([1, 1 + 1e-9, 1]).sd).toBeGreaterThan(0);
});

test('property: shifting moves the mean only, scaling scales both', () => {
  assert(
    property(array(double({ min: -1000, max: 1000, noNaN: true }), { minLength: 2 }), (values) => {
      const { mean, sd } = momentsOf(values);
      const moved = momentsOf(values.map((value) => 3 * value + 7));
      expect(moved.mean).toBeCloseTo(3 * mean + 7, 8);
      expect(moved.sd).toBeCloseTo(3 * sd, 8);
    }),
  );
});
