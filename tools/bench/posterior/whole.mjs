import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareEnvironment } from '../../../plugins/nx-study/dist/environment/prepare.js';
import { readWorker } from '../../../plugins/nx-study/dist/worker/read.js';
import { meanRatio, median } from '../statistics.mjs';
import { repository } from '../workspace.mjs';
import { costOf, costsSideBySide, fitCommand, samplingInTurns, workerCommand } from './scripts.mjs';
import { chamber, configuration, wholeShapes } from './shape.mjs';

// Compiles all the same.
const SHORT = { tune: 50, draws: 50 };
const SAMPLING_PAIRS = 12;

/**
 * Fits by the worker against a bare script with the worker's model, each process from its start to its end: both at once, each on a
 * core of its own, and on the other one in the next round.
 */
export async function benchWholeFits(rollcalls, pairs) {
  const root = mkdtempSync(join(tmpdir(), 'nx-study-bench-'));
  try {
    const worker = await readWorker(repository, 'ideal-point');
    const environment = await prepareEnvironment({ workspaceRoot: repository, worker, onProgress: console.error });
    const { worker: ours, bare } = samplingInTurns(environment, SAMPLING_PAIRS);
    const { ratio, low, high } = meanRatio(ours, bare);
    console.log(
      `Sampling alone, ${SAMPLING_PAIRS} pairs of ${median(bare).toFixed(1)} s: the worker takes ${ratio.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)}) of the CPU time of bare nutpie.\n`,
    );
    for (const number of rollcalls) await benchLength({ environment, root, length: wholeShapes[number] }, pairs);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

async function benchLength({ environment, root, length }, pairs) {
  const commands = (seed, of) => [
    fitCommand(environment, root, { seed, length: of }),
    workerCommand(environment, root, requestOf(root, seed, of)),
  ];
  // Compiles for the caches.
  for (const command of commands(1, { ...length, ...SHORT })) costOf(environment, command);
  const rounds = [];
  for (let round = 1; round <= pairs; round += 1) {
    const both = commands(round, length);
    const ordered = round % 2 === 0 ? both.toReversed() : both;
    const costs = await costsSideBySide(environment, ordered);
    rounds.push(round % 2 === 0 ? costs.toReversed() : costs);
    console.error(`round ${round}, load ${loadavg()[0].toFixed(1)}: ${JSON.stringify(rounds.at(-1))}`);
  }
  print(length, rounds);
}

/** The same seed gives the same trajectories. */
const requestOf = (root, seed, length) => ({
  protocol: 1,
  study: 'bench',
  id: 'flat',
  label: 'flat',
  repetition: 1,
  take: 1,
  digest: '0'.repeat(64),
  configuration: configuration(chamber, length.fitted, length),
  seed,
  study_seed: 1,
  allowance: { cpus: 1 },
  time_limit_s: null,
  cache_dir: root,
  assets: {},
  assets_dir: root,
  modules: {},
});

const TITLES = ["the worker's model, bare nutpie", 'worker `ideal-point`'];

function print({ fitted, chains, tune, draws }, rounds) {
  console.log(
    `| ${fitted} roll calls, ${chains} × (${tune} + ${draws}) draws | CPU s | s | more CPU s | more s | CPU s, ratio | s, ratio |`,
  );
  console.log(`|${' --- |'.repeat(7)}`);
  for (const [index, title] of TITLES.entries()) {
    const of = (key, at = index) => rounds.map((round) => round[at][key]);
    const keys = ['whole_cpu_s', 'whole_s'];
    const cells = keys.map((key) => median(of(key)).toFixed(1));
    if (index === 0) cells.push('', '', '', '');
    else {
      for (const key of keys) cells.push(median(of(key).map((value, round) => value - of(key, 0)[round])).toFixed(2));
      for (const key of keys) {
        const { ratio, low, high } = meanRatio(of(key), of(key, 0));
        cells.push(`${ratio.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})`);
      }
    }
    console.log(`| ${[title, ...cells].join(' | ')} |`);
  }
}
