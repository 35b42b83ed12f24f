import { assert, double, property } from 'fast-check';
import { expect, test } from 'vitest';
import { incompleteBeta } from '../../../plugins/nx-study/src/analysis/beta.ts';
import { normalQuantile } from '../../../plugins/nx-study/src/analysis/normal.ts';
import {
  fisherTail,
  studentCdf,
  studentQuantile,
  studentTail,
} from '../../../plugins/nx-study/src/analysis/student.ts';
import { expectNear, fixtures } from './fixtures.ts';

test('quantiles and chances of t as SciPy has them, for 1 to 1000 degrees of freedom', () => {
  expect(fixtures.student.length).toBe(180);
  for (const { df, p, quantile, cdf } of fixtures.student) {
    expectNear(studentQuantile(p, df), p === 0.5 ? 0 : quantile);
    expectNear(studentCdf(4 * p - 3, df), cdf);
  }
});

test('tails of F as SciPy has them', () => {
  expect(fixtures.fisher.length).toBe(24);
  for (const { f, a, b, tail } of fixtures.fisher) expectNear(fisherTail(f, a, b), tail);
  expect(fisherTail(0, 2, 6)).toBe(1);
});

test('closed forms: Cauchy for 1 degree, and 2 degrees', () => {
  for (const t of [1e-9, 0.1, 1, 30, 1e6]) {
    expectNear(studentTail(t, 1), Math.atan2(1, t) / Math.PI);
    expectNear(studentCdf(t, 2), 0.5 + t / (2 * Math.sqrt(2 + t * t)));
  }
  // I_x(a, 1) = x^a, also for shapes of 100,000.
  for (const a of [0.5, 3, 100_000]) expectNear(incompleteBeta(a, 1, 0.99999, 0.00001), 0.99999 ** a);
});

test('the quantile of a probability outside 0 to 1 is refused', () => {
  for (const p of [0, 1, -0.1, NaN]) expect(() => studentQuantile(p, 3)).toThrow('a probability must be above 0');
});

const degrees = double({ min: 0.5, max: 1e6, noNaN: true });
const chance = double({ min: 1e-6, max: 0.499, noNaN: true });

test('property: the quantile inverts the chance, is symmetric, and wider than the normal one', () => {
  assert(
    property(degrees, chance, (df, q) => {
      const t = studentQuantile(1 - q, df);
      expect(Math.abs(studentTail(t, df) / q - 1)).toBeLessThan(1e-9);
      expect(studentQuantile(q, df) / -t).toBeCloseTo(1, 9);
      expect(t).toBeGreaterThanOrEqual(normalQuantile(1 - q) * (1 - 1e-9));
    }),
  );
});
