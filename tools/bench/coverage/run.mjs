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
  const normal = normals(1);
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
  head(['quantiles over processes of 200 requests', ...SIZES.map((n) => `${n} processes`)]);
  for (const { p, trueLog } of QUANTILES)
    row([
      `p${100 * p}`,
      ...SIZES.map((n) =>
        percent(processCoverage({ p, trueLog, n, requests: 200, simulations: simulations / 10, normal })),
      ),
    ]);
  head(['quantiles of one process: requests', ...QUANTILES.map(({ p }) => `p${100 * p}`)]);
  for (const requests of [30, 100, 1000])
    row([
      requests,
      ...QUANTILES.map(({ p, trueLog }) =>
        percent(orderCoverage({ p, trueLog, requests, simulations: simulations / 10, normal })),
      ),
    ]);
  head(['no drift: experiments', 'n', 'drift found, p below 0.05']);
  for (const [experiments, n] of [
    [2, 3],
    [4, 3],
    [3, 5],
    [10, 10],
  ])
    row([experiments, n, percent(nullDrift({ experiments, n, simulations, normal }))]);
}

function head(cells) {
  console.log('');
  row(cells);
  row(cells.map(() => '---'));
}
