import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareEnvironment } from '../../../plugins/nx-study/dist/environment/prepare.js';
import { readWorker } from '../../../plugins/nx-study/dist/worker/read.js';
import { median, medianRatio } from '../statistics.mjs';
import { repository } from '../workspace.mjs';
import { measureOurs, prepareOurs } from './ours.mjs';
import { costOf, fit, gradients, simulate, workerCommand } from './scripts.mjs';
import { chamber, shape } from './shape.mjs';

const BLOCKS = 40;
// Compiles all the same.
const SHORT = { chains: 2, tune: 50, draws: 50 };

/** Gradients of the ideal-point model, its fits against those of plain PyMC, and the worker against a bare script. */
export async function benchPosterior(pairs) {
  const root = mkdtempSync(join(tmpdir(), 'nx-study-bench-'));
  try {
    const worker = await readWorker(repository, 'ideal-point');
    const environment = await prepareEnvironment({ workspaceRoot: repository, worker, onProgress: console.error });
    printGradients(benchGradients(environment, root));
    const { contestants, rounds } = await benchFits(environment, root, pairs);
    printFits(contestants, rounds);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function benchGradients(environment, root) {
  return shape.sizes.flatMap((rollcalls) => {
    const sources = { '109th Senate': chamber, simulated: simulate(environment, root, rollcalls) };
    return Object.entries(sources).map(([source, files]) => {
      const result = { source, ...gradients(environment, files, rollcalls, BLOCKS) };
      console.error(`load ${loadavg()[0].toFixed(1)}: ${JSON.stringify(result)}`);
      return result;
    });
  });
}

async function benchFits(environment, root, pairs) {
  const workspace = join(root, 'workspace');
  prepareOurs(workspace, pairs);
  // Round 0 compiles for the caches, and is no part of the comparison.
  const { request } = await measureOurs(workspace, 1);
  const script = (sampler, model) => (round) =>
    fit(environment, root, { sampler, model, seed: round + 1, length: round === 0 ? SHORT : shape });
  const contestants = [
    { title: "the worker's model, bare nutpie", run: script('nutpie', 'fused') },
    {
      title: 'worker `ideal-point`, by itself',
      run: () => costOf(environment, workerCommand(environment, root, request)),
    },
    {
      title: 'worker `ideal-point`, by nx-study',
      run: (round) => (round === 0 ? {} : measureOurs(workspace, round + 1)),
    },
    { title: '`pm.Bernoulli`, bare nutpie', run: script('nutpie', 'pm.Bernoulli') },
    { title: '`pm.Bernoulli`, `pm.sample` (NUTS of PyMC)', run: script('pymc', 'pm.Bernoulli') },
  ];
  const rounds = contestants.map(() => []);
  for (let round = 0; round <= pairs; round += 1) {
    const order = [...contestants.keys()];
    for (const index of round % 2 === 0 ? order.toReversed() : order) {
      const result = await contestants[index].run(round);
      if (round > 0) rounds[index].push(result);
      console.error(
        `round ${round}, load ${loadavg()[0].toFixed(1)}: ${contestants[index].title}: ${JSON.stringify(result)}`,
      );
    }
  }
  return { contestants, rounds };
}

function printGradients(results) {
  console.log(
    '| votes | observed | pm.Bernoulli, gradients/s | fused, gradients/s | fused against pm.Bernoulli | against the plain graph of the worker |',
  );
  console.log('| --- | --- | --- | --- | --- | --- |');
  for (const { source, members, rollcalls, observed_share, rates } of results) {
    const fused = rates.fused;
    const ratio = (name) => `${medianRatio(fused, rates[name]).toFixed(1)} ×`;
    const cells = [
      `${source}, ${members} × ${rollcalls}`,
      `${(100 * observed_share).toFixed(0)} %`,
      Math.round(median(rates['pm.Bernoulli'])),
      Math.round(median(fused)),
      ratio('pm.Bernoulli'),
      ratio("worker's plain graph"),
    ];
    console.log(`| ${cells.join(' | ')} |`);
  }
}

function printFits(contestants, rounds) {
  const { fitted, chains, tune, draws } = shape;
  console.log(
    `\n| ${fitted} roll calls, ${chains} chains of ${tune} + ${draws} on one core | sampling, CPU s | compiling, CPU s | min ESS per CPU s | median ESS per CPU s | whole, CPU s | as a ratio | whole, s | as a ratio |`,
  );
  console.log(`|${' --- |'.repeat(9)}`);
  for (const [index, { title }] of contestants.entries()) {
    const of = (value, at = index) => rounds[at].map(value);
    const middle = (value, digits) => {
      const values = of(value);
      return values.every(Number.isFinite) ? median(values).toFixed(digits) : '';
    };
    const ratio = (value) => {
      const values = of(value);
      return values.every(Number.isFinite) ? `${medianRatio(values, of(value, 0)).toFixed(2)} ×` : '';
    };
    const cells = [
      middle((result) => result.sample_cpu_s, 1),
      middle((result) => result.compile_cpu_s, 1),
      middle((result) => result.ess_min / result.sample_cpu_s, 0),
      middle((result) => result.ess_median / result.sample_cpu_s, 0),
      middle((result) => result.whole_cpu_s, 1),
      ratio((result) => result.whole_cpu_s),
      middle((result) => result.whole_s, 1),
      ratio((result) => result.whole_s),
    ];
    console.log(`| ${[title, ...cells].join(' | ')} |`);
  }
}
