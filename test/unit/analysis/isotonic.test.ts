import { array, assert, double, integer, property, tuple } from 'fast-check';
import { expect, test } from 'vitest';
import { isotonic } from '../../../plugins/nx-study/src/analysis/isotonic.ts';

// scipy.optimize.isotonic_regression(values, weights=weights).x of SciPy 1.17.
test.each([
  [
    [1, 3, 2, 4, 3.5, 10],
    [1, 1, 1, 1, 1, 1],
    [1, 2.5, 2.5, 3.75, 3.75, 10],
  ],
  [
    [5, 4, 3, 2, 1],
    [1, 1, 1, 1, 1],
    [3, 3, 3, 3, 3],
  ],
  [
    [1, 2, 1.5, 0.5, 6],
    [1, 3, 1, 2, 5],
    [1, 8.5 / 6, 8.5 / 6, 8.5 / 6, 6],
  ],
])('%j with weights %j, as SciPy has it', (values, weights, fitted) => {
  for (const [index, value] of isotonic(values, weights).entries()) expect(value).toBeCloseTo(fitted[index]!, 12);
});

test('property: it never falls, keeps what rises already, and keeps the weighted mean', () => {
  const point = tuple(double({ min: -100, max: 100, noNaN: true }), integer({ min: 1, max: 9 }));
  assert(
    property(array(point, { maxLength: 20 }), (points) => {
      const [values, weights] = [points.map(([value]) => value), points.map(([, weight]) => weight)];
      const fitted = isotonic(values, weights);
      expect(fitted).toHaveLength(values.length);
      for (const [index, value] of fitted.entries())
        expect(value).toBeGreaterThanOrEqual((fitted[index - 1] ?? -Infinity) - 1e-9);
      const total = (of: number[]) => of.reduce((sum, value, index) => sum + value * weights[index]!, 0);
      expect(total(fitted)).toBeCloseTo(total(values), 6);
      const rising = values.toSorted((a, b) => a - b);
      expect(isotonic(rising, weights)).toEqual(rising.map((value) => expect.closeTo(value, 9)));
    }),
  );
});
