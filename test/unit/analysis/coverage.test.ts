import { expect, test } from 'vitest';
import {
  coverage,
  normals,
  nullDrift,
  nullStudy,
  orderCoverage,
  processCoverage,
} from '../../../tools/bench/coverage/simulate.mjs';

const SIMULATIONS = 400;
/** Three standard errors of a share of 95 % in so many simulations. */
const NOISE = 3 * Math.sqrt((0.95 * 0.05) / SIMULATIONS);

test.each([
  [0.05, 3],
  [0.5, 5],
  [1, 3],
  [1, 10],
])('sigma %s, n %s: intervals have the true value in 95 of 100 simulations', (sigma, n) => {
  const { center, paired, welch } = coverage({ sigma, n, simulations: SIMULATIONS, normal: normals(n) });
  for (const share of [center, paired, welch]) expect(share).toBeGreaterThan(0.95 - NOISE);
  for (const share of [center, paired]) expect(share).toBeLessThan(0.95 + NOISE);
});

test('the interval of the mean misses it where times are skewed: that is why they get logarithms', () => {
  const { mean } = coverage({ sigma: 1, n: 5, simulations: SIMULATIONS, normal: normals(2) });
  expect(mean).toBeLessThan(0.9);
});

test.each([
  [1, 3, 0],
  [1, 10, 0],
  [5, 3, 0.1],
  [5, 5, 0.1],
])(
  '%s comparisons, n %s: equal experiments are called different in at most 5 of 100 studies',
  (comparisons, n, fewestUncorrected) => {
    const { called, uncorrected } = nullStudy({
      sigma: 0.5,
      n,
      comparisons,
      simulations: SIMULATIONS,
      normal: normals(7),
    });
    expect(called).toBeLessThan(0.05 + NOISE);
    expect(uncorrected).toBeGreaterThan(fewestUncorrected);
  },
);

test('quantiles over processes and of one process have the true value in 95 % of simulations', () => {
  const one = { p: 0.5, trueLog: 0, simulations: SIMULATIONS, normal: normals(3) };
  expect(Math.abs(processCoverage({ ...one, n: 3, requests: 100 })! - 0.95)).toBeLessThan(NOISE);
  expect(orderCoverage({ ...one, requests: 100 })).toBeGreaterThan(0.95 - NOISE);
  expect(orderCoverage({ ...one, requests: 5 })).toBeNull();
});

test('a study without drift shows one in 5 % of simulations, also where each run has several workloads', () => {
  for (const [experiments, n, workloads] of [
    [4, 3, 1],
    [30, 3, 1],
    [4, 5, 6],
  ] as const)
    expect(nullDrift({ experiments, n, workloads, simulations: SIMULATIONS, normal: normals(5) })).toBeLessThan(
      0.05 + NOISE,
    );
});
