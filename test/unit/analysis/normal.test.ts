import { assert, double, property } from 'fast-check';
import { expect, test } from 'vitest';
import { normalCdf, normalQuantile, normalTail } from '../../../plugins/nx-study/src/analysis/normal.ts';
import { expectNear, fixtures } from './fixtures.ts';

test('quantiles and tails as SciPy has them', () => {
  expect(fixtures.normal.length).toBe(12);
  for (const { p, quantile, tail } of fixtures.normal) {
    expectNear(normalQuantile(p), quantile);
    expectNear(normalTail(9 * p), tail);
  }
});

test('property: tail and chance add up to 1, and fall', () => {
  assert(
    property(double({ min: -30, max: 30, noNaN: true }), (z) => {
      expect(normalTail(z) + normalCdf(z)).toBeCloseTo(1, 14);
      expect(normalTail(z + 0.001)).toBeLessThanOrEqual(normalTail(z));
    }),
  );
});

test('the two formulas meet at 2.5', () => {
  expectNear(normalTail(2.5 - 1e-14), normalTail(2.5));
});
