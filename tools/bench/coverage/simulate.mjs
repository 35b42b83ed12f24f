import { compare } from 'nx-study/dist/analysis/compare.js';
import { concludeAll } from 'nx-study/dist/analysis/conclusion.js';
import { driftOf } from 'nx-study/dist/analysis/drift.js';
import { quantileInterval } from 'nx-study/dist/analysis/order-statistics.js';
import { quantilesOverProcesses } from 'nx-study/dist/analysis/process-quantiles.js';
import { summarise } from 'nx-study/dist/analysis/summary.js';
import { nextOf } from 'nx-study/dist/plan/random.js';

// Of the logarithms of all values of one cycle together: what pairing takes out.
const CYCLE_SIGMA = 0.1;

/** A source of normal deviates (Box and Muller 1958); the same numbers for the same seed. */
export function normals(seed) {
  const state = Uint32Array.of(seed, 0x9e3779b9, 0x243f6a88, 0xb7e15162);
  const uniform = () => (nextOf(state) + 0.5) / 2 ** 32;
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** Shares of simulations in which each interval has the true value; lognormal repetitions with this sigma and the median 1. */
export function coverage({ sigma, n, simulations, normal }) {
  const hits = { center: 0, mean: 0, paired: 0, welch: 0, welchDifference: 0 };
  const trueMean = Math.exp(sigma ** 2 / 2);
  for (let round = 0; round < simulations; round += 1) {
    const values = lognormals(n, sigma, normal);
    const cycles = lognormals(n, CYCLE_SIGMA, normal);
    const candidate = asRepetitions(lognormals(n, sigma, normal));
    const baseline = asRepetitions(lognormals(n, sigma, normal));
    const inCycles = (side) => side.map((one, cycle) => ({ ...one, value: one.value * cycles[cycle] }));
    hits.center += has(summarise(values, 'ratio').interval, 1);
    hits.mean += has(summarise(values, 'difference').interval, trueMean);
    hits.paired += has(compare(inCycles(candidate), inCycles(baseline), { scale: 'ratio', pairs: true }).interval, 1);
    hits.welch += has(compare(candidate, baseline, { scale: 'ratio', pairs: false }).interval, 1);
    hits.welchDifference += has(compare(candidate, baseline, { scale: 'difference', pairs: false }).interval, 0);
  }
  return shares(hits, simulations);
}

/** Shares of studies of equal experiments in which any is called different from the baseline: with Holm's correction, and by single p values. */
export function nullStudy({ sigma, n, comparisons, simulations, normal }) {
  const hits = { called: 0, uncorrected: 0 };
  for (let round = 0; round < simulations; round += 1) {
    const cycles = lognormals(n, CYCLE_SIGMA, normal);
    const experiment = () => asRepetitions(lognormals(n, sigma, normal).map((value, cycle) => value * cycles[cycle]));
    const baseline = experiment();
    const concluded = concludeAll(
      Array.from({ length: comparisons }, () => compare(experiment(), baseline, { scale: 'ratio', pairs: true })),
    );
    hits.called += concluded.some(({ conclusion }) => conclusion !== 'not told apart');
    hits.uncorrected += concluded.some(({ p }) => p < 0.05);
  }
  return shares(hits, simulations);
}

/** The share of simulations in which the interval over processes has the true quantile; processes differ by a factor. Null where there is none. */
export function processCoverage({ p, trueLog, n, requests, simulations, normal }) {
  let hits = 0;
  for (let round = 0; round < simulations; round += 1) {
    const processes = Array.from({ length: n }, () => {
      const factor = Math.exp(0.1 * normal());
      return lognormals(requests, 0.5, normal).map((value) => value * factor);
    });
    const { interval } = quantilesOverProcesses(processes, p).summary;
    if (interval.kind === undefined) return null;
    hits += has(interval, Math.exp(0.5 * trueLog));
  }
  return hits / simulations;
}

/** The share of simulations in which the interval between order statistics has the true quantile; null where there is none. */
export function orderCoverage({ p, trueLog, requests, simulations, normal }) {
  let hits = 0;
  for (let round = 0; round < simulations; round += 1) {
    const interval = quantileInterval(lognormals(requests, 1, normal), p);
    if (interval.kind === undefined) return null;
    hits += has(interval, Math.exp(trueLog));
  }
  return hits / simulations;
}

/** The share of studies without a drift in which one is found, p < 0.05. Workloads of a run share the most of its noise. */
export function nullDrift({ experiments, n, workloads = 1, simulations, normal }) {
  let hits = 0;
  for (let round = 0; round < simulations; round += 1) {
    const runs = lognormals(experiments * n, 0.1, normal).flatMap((shared, index) =>
      (workloads === 1 ? [1] : lognormals(workloads, 0.03, normal)).map((own, workload) => ({
        group: String(index % experiments),
        run: String(index),
        workload: String(workload),
        value: shared * own,
      })),
    );
    hits += driftOf(runs).p < 0.05;
  }
  return hits / simulations;
}

const lognormals = (n, sigma, normal) => Array.from({ length: n }, () => Math.exp(sigma * normal()));
const asRepetitions = (values) => values.map((value, repetition) => ({ repetition, value }));
const has = ({ low, high }, value) => Number(low <= value && value <= high);
const shares = (hits, simulations) =>
  Object.fromEntries(Object.entries(hits).map(([name, count]) => [name, count / simulations]));
