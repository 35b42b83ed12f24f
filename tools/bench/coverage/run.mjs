import { coverage, normals, nullDrift, nullStudy, orderCoverage, processCoverage } from './simulate.mjs';

const percent = (share) => (share === null ? 'no interval' : `${(100 * share).toFixed(1)} %`);
const row = (cells) => console.log(`| ${cells.join(' | ')} |`);
const SIZES = [3, 5, 10];
const QUANTILES = [
  { p: 0.5, trueLog: 0 },
  { p: 0.9, trueLog: 1.2815515655446004 },
  { p: 0.99, trueLog: 2.3263478740408408 },
];

/** Simulates how often the intervals have the true value, and how often equal experiments are called different; prints Markdown tables. */
export function benchCoverage(simulations) {
  benchRepetitions(simulations, normals(1));
  benchProcesses(simulations / 10, normals(2));
  benchRequests(simulations / 10, normals(3));
  benchDrift(simulations, normals(4));
}

function benchRepetitions(simulations, normal) {
  head([
    'repetitions: sigma of the logarithms',
    'n',
    't on logarithms',
    't of the mean',
    'ratio, paired',
    'ratio, Welch',
    'difference, Welch',
  ]);
  for (const sigma of [0.05, 0.5, 1])
    for (const n of SIZES) {
      const { center, mean, paired, welch, welchDifference } = coverage({ sigma, n, simulations, normal });
      row([sigma, n, ...[center, mean, paired, welch, welchDifference].map(percent)]);
    }
  head(['equal experiments: comparisons', 'n', 'any called different', 'any single p below 0.05']);
  for (const comparisons of [1, 5, 20])
    for (const n of SIZES) {
      const { called, uncorrected } = nullStudy({ sigma: 0.5, n, comparisons, simulations, normal });
      row([comparisons, n, percent(called), percent(uncorrected)]);
    }
}

function benchProcesses(simulations, normal) {
  head(['quantile over processes', 'requests of each', ...SIZES.map((n) => `${n} processes`)]);
  for (const { p, trueLog } of QUANTILES)
    for (const requests of [100, 1000]) {
      const shares = SIZES.map((n) => processCoverage({ p, trueLog, n, requests, simulations, normal }));
      row([`p${100 * p}`, requests, ...shares.map(percent)]);
    }
}

function benchRequests(simulations, normal) {
  head(['quantiles of one process: requests', ...QUANTILES.map(({ p }) => `p${100 * p}`)]);
  for (const requests of [30, 100, 1000]) {
    const shares = QUANTILES.map(({ p, trueLog }) => orderCoverage({ p, trueLog, requests, simulations, normal }));
    row([requests, ...shares.map(percent)]);
  }
}

function benchDrift(simulations, normal) {
  head(['no drift: experiments', 'n', 'drift found, p below 0.05']);
  for (const experiments of [2, 4, 30])
    for (const n of SIZES) row([experiments, n, percent(nullDrift({ experiments, n, simulations, normal }))]);
}

function head(cells) {
  console.log('');
  row(cells);
  row(cells.map(() => '---'));
}
