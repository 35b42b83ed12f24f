import { assert, constantFrom, double, integer, property } from 'fast-check';
import { expect, test } from 'vitest';
import { quantileBounds } from '../../../plugins/nx-study/src/analysis/order-statistics.ts';
import { proportionBounds, wilsonInterval } from '../../../plugins/nx-study/src/analysis/proportion.ts';

// scipy.stats.binomtest(k, n).proportion_ci(level, method='wilson') of SciPy 1.17.
test.each([
  [0, 10, 0.95, 0, 0.27753279986288926],
  [9, 10, 0.95, 0.5958499732047615, 0.9821237869049271],
  [9, 10, 0.9, 0.6522813326641417, 0.9773650912691327],
  [10, 10, 0.9, 0.787058029916593, 1],
  [285, 300, 0.95, 0.9191529665272559, 0.9694683593706527],
])('%d of %d at %d, as SciPy has it', (successes, trials, level, low, high) => {
  const found = wilsonInterval(successes, trials, level);
  expect(found.low).toBeCloseTo(low, 12);
  expect(found.high).toBeCloseTo(high, 12);
});

test('property: it holds the share and stays between 0 and 1', () => {
  assert(
    property(integer({ min: 1, max: 5000 }), integer({ min: 0, max: 5000 }), (trials, some) => {
      const successes = Math.min(some, trials);
      const { low, high } = wilsonInterval(successes, trials, 0.95);
      expect(low).toBeGreaterThanOrEqual(0);
      expect(low).toBeLessThanOrEqual(successes / trials);
      expect(high).toBeGreaterThanOrEqual(successes / trials);
      expect(high).toBeLessThanOrEqual(1);
    }),
  );
});

// scipy.stats.binomtest(k, n).proportion_ci(0.9, method='exact') of SciPy 1.17.
test.each([
  [0, 20, 0, 0.13910834066837535],
  [1, 20, 0.00256137877653028, 0.21610616420686987],
  [19, 20, 0.7838938357931302, 0.9974386212234697],
  [20, 20, 0.8608916593316243, 1],
  [285, 300, 0.9240513017004016, 0.9689300502552423],
  [3, 2000, 0.0004089666401444567, 0.0038722231501593153],
])('one-sided bounds of %d of %d, as SciPy has them', (successes, trials, low, high) => {
  const found = proportionBounds(successes, trials);
  expect(found.low).toBeCloseTo(low, 12);
  expect(found.high).toBeCloseTo(high, 12);
});

test('property: a limit for a share of requests, and one for the quantile of their times, say the same', () => {
  const levels = constantFrom(0.5, 0.9, 0.95, 0.99);
  assert(
    property(integer({ min: 1, max: 800 }), double({ min: 0, max: 1, noNaN: true }), levels, (trials, some, p) => {
      // Times 1, 2, …: so many are at most `within`.
      const within = Math.round(some * trials);
      const times = quantileBounds(
        Array.from({ length: trials }, (_, index) => index + 1),
        p,
      );
      const share = proportionBounds(within, trials);
      expect(share.low > p).toBe(times.high !== null && times.high <= within);
      expect(share.high < p).toBe(times.low !== null && times.low > within);
    }),
  );
});
