import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareEnvironment } from '../../../plugins/nx-study/dist/environment/prepare.js';
import { readWorker } from '../../../plugins/nx-study/dist/worker/read.js';
import { median, medianRatio } from '../statistics.mjs';
import { repository } from '../workspace.mjs';
import { measureOurs, plannedOurs, prepareLong } from './ours.mjs';
import { fitOnly, measureAlone } from './scripts.mjs';
import { longShape } from './shape.mjs';

// Compiles all the same.
const SHORT = { tune: 50, draws: 50 };

/** A long fit by the worker against a bare script with the worker's model, in turns, each process from its start to its end. */
export async function benchLongFit(pairs) {
  const root = mkdtempSync(join(tmpdir(), 'nx-study-bench-'));
  try {
    const worker = await readWorker(repository, 'ideal-point');
    const environment = await prepareEnvironment({ workspaceRoot: repository, worker, onProgress: console.error });
    print(await benchRounds(environment, root, pairs));
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

async function benchRounds(environment, root, pairs) {
  const workspace = join(root, 'workspace');
  const short = { ...longShape, ...SHORT };
  prepareLong(workspace, pairs, longShape, short);
  const bare = (seed, length) => fitOnly(environment, root, { model: 'fused', seed, length });
  // Both compile for the caches; the request is for the worker by itself.
  const { request } = await measureOurs(workspace, 1, 'short');
  bare(1, short);
  const { tune, draws } = longShape;
  const configuration = { ...request.configuration, tune, draws };
  const contestants = [
    { title: "the worker's model, bare nutpie", run: (_round, seed) => bare(seed, longShape) },
    {
      title: 'worker `ideal-point`, by itself',
      run: (_round, seed) => measureAlone(environment, root, { ...request, configuration, seed }),
    },
    { title: 'worker `ideal-point`, by nx-study', run: (round) => measureOurs(workspace, round) },
  ];
  const rounds = contestants.map(() => []);
  for (let round = 1; round <= pairs; round += 1) {
    // The same for all, so that all sample the same trajectories.
    const { seed } = await plannedOurs(workspace, round);
    const order = [...contestants.keys()];
    for (const index of round % 2 === 0 ? order.toReversed() : order) {
      const { request: _, ...result } = await contestants[index].run(round, seed);
      rounds[index].push(result);
      console.error(
        `round ${round}, load ${loadavg()[0].toFixed(1)}: ${contestants[index].title}: ${JSON.stringify(result)}`,
      );
    }
  }
  return contestants.map(({ title }, index) => ({ title, results: rounds[index] }));
}

function print(contestants) {
  const { fitted, chains, tune, draws } = longShape;
  console.log(
    `| ${fitted} roll calls, ${chains} chains of ${tune} + ${draws} on one core | CPU s | as a ratio | s | as a ratio |`,
  );
  console.log(`|${' --- |'.repeat(5)}`);
  for (const { title, results } of contestants) {
    const cells = ['whole_cpu_s', 'whole_s'].flatMap((key) => {
      const values = results.map((result) => result[key]);
      if (!values.every(Number.isFinite)) return ['', ''];
      const theirs = contestants[0].results.map((result) => result[key]);
      return [median(values).toFixed(1), `${medianRatio(values, theirs).toFixed(3)} ×`];
    });
    console.log(`| ${[title, ...cells].join(' | ')} |`);
  }
}
