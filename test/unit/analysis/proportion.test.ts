import { assert, integer, property } from 'fast-check';
import { expect, test } from 'vitest';
import { wilsonInterval } from '../../../plugins/nx-study/src/analysis/proportion.ts';

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
