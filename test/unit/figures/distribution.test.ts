import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { binsOf, stepsOf } from '../../../plugins/nx-study/src/figures/distribution.ts';

describe('binsOf', () => {
  it('counts each value once, in bins of the same edges', () => {
    const finite = fc.double({ min: 1e-6, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(fc.array(finite, { minLength: 1 }), { minLength: 1, maxLength: 3 }),
        fc.boolean(),
        (lists, log) => {
          const all = binsOf(lists, log ? 'log' : 'linear');
          expect(all.map((bins) => bins.reduce((sum, { count }) => sum + count, 0))).toEqual(
            lists.map(({ length }) => length),
          );
          expect(new Set(all.map((bins) => JSON.stringify(bins.map(({ low, high }) => [low, high])))).size).toBe(1);
        },
      ),
    );
  });

  it('has bins of equal width, on the scale', () => {
    const [bins] = binsOf([[1, 10, 100]], 'log', 2);
    expect(bins).toEqual([
      { low: 1, high: 10, count: 1 },
      { low: 10, high: 100, count: 2 },
    ]);
    expect(binsOf([[0, 1, 2, 4]], 'linear', 4)[0]!.map(({ count }) => count)).toEqual([1, 1, 1, 1]);
  });
});

describe('stepsOf', () => {
  it('is the share of values that are at most each value', () => {
    expect(stepsOf([3, 1, 2, 2])).toEqual([
      { value: 1, share: 0.25 },
      { value: 2, share: 0.5 },
      { value: 2, share: 0.75 },
      { value: 3, share: 1 },
    ]);
  });

  it('thins many values to true steps and keeps the last one', () => {
    const values = Array.from({ length: 1234 }, (_, index) => index + 1);
    const steps = stepsOf(values);
    expect(steps).toHaveLength(200);
    expect(steps.every(({ value, share }) => share === value / 1234)).toBe(true);
    expect(steps.at(-1)).toEqual({ value: 1234, share: 1 });
  });
});
