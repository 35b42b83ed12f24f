import fc from 'fast-check';
import { expect, test } from 'vitest';
import { half, loadsBetween } from '../../../../plugins/nx-study/src/commands/refine/grid.ts';

test('users by equal factors and in whole numbers, rates by equal steps', () => {
  expect(loadsBetween('closed-loop', [8, 16], 3)).toEqual([10, 11, 13]);
  expect(loadsBetween('closed-loop', [8, 128], 3)).toEqual([16, 32, 64]);
  expect(loadsBetween('closed-loop', [2, 4], 3)).toEqual([3]);
  expect(loadsBetween('closed-loop', [2, 3], 3)).toEqual([]);
  expect(loadsBetween('open-loop', [4, 8], 3)).toEqual([5, 6, 7]);
  expect(loadsBetween('open-loop', [1, 2], 3)).toEqual([1.25, 1.5, 1.75]);
  expect(loadsBetween('open-loop', [0.01, 0.02], 1)).toEqual([0.015]);
});

test('loads lie strictly between the two, are different and ascend', () => {
  const load = fc.double({ min: 0.001, max: 1e6, noNaN: true });
  fc.assert(
    fc.property(load, load, fc.integer({ min: 1, max: 20 }), fc.boolean(), (one, other, most, isRate) => {
      const [low, high] = [one, other].map((each) => (isRate ? each : Math.ceil(each))).toSorted((a, b) => a - b);
      const loads = loadsBetween(isRate ? 'open-loop' : 'closed-loop', [low!, high!], most);
      expect(loads.length).toBeLessThanOrEqual(most);
      for (const [index, each] of [...loads, high!].entries())
        expect(each).toBeGreaterThan(loads[index - 1] ?? low! - 1);
      for (const each of loads) expect(each > low! && each < high!).toBe(true);
      expect(isRate || loads.every((each) => Number.isInteger(each))).toBe(true);
    }),
    { numRuns: 200 },
  );
});

test('half a load: no user is less than one', () => {
  expect([5, 1].map((load) => half('closed-loop', load))).toEqual([2, null]);
  expect(half('open-loop', 0.25)).toBe(0.125);
});
