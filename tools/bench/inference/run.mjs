import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheRoot } from '../../../plugins/nx-study/dist/environment/cache.js';
import { prepareEnvironment } from '../../../plugins/nx-study/dist/environment/prepare.js';
import { readWorker } from '../../../plugins/nx-study/dist/worker/read.js';
import { median, medianRatio } from '../statistics.mjs';
import { idleNx } from '../idle-nx.mjs';
import { buildLlamaBench, onLibrariesOf, runLlamaBench } from './llama-bench.mjs';
import { measureOurs, prepareOurs } from './ours.mjs';
import { prepareOptimum, runBare, runOptimum } from './python-peers.mjs';
import { shape } from './shape.mjs';

/**
 * Measures our workers, through Nx and supervised, and what people would use instead, in turns; prints a table.
 * `llamaBench` is a llama-bench of the same release, if it is built already.
 */
export async function benchInference({ pairs, llamaBench }) {
  const root = mkdtempSync(join(tmpdir(), 'nx-study-bench-'));
  try {
    const contestants = await prepare(root, pairs, llamaBench);
    const rounds = contestants.map(() => []);
    for (let round = 1; round <= pairs; round += 1) {
      // Whoever comes first has the cooler machine: the order turns around.
      const order = [...contestants.keys()];
      for (const index of round % 2 === 0 ? order.toReversed() : order) {
        const result = await contestants[index].run(round);
        rounds[index].push(result);
        console.error(`round ${round}, load ${loadavg()[0].toFixed(1)}: ${contestants[index].title}: ${line(result)}`);
      }
    }
    printTable(contestants, rounds);
    console.log(`\nA process that has loaded Nx and does nothing takes ${(await idleNx()).toFixed(4)} of a core.`);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

async function prepare(root, pairs, llamaBench) {
  const workers = ['llama-cpp', 'transformers'];
  prepareOurs(root, workers, pairs);
  const gguf = await measureOurs(root, 'llama-cpp', 1);
  const expanded = await measureOurs(root, 'transformers', 1);
  const modelFile = gguf.request.configuration.model;
  const modelDirectory = onlyFolder(join(expanded.request.assets_dir, 'derived'), expanded.request.assets.model.sha256);
  const node = await environmentOf(root, 'llama-cpp');
  const python = await environmentOf(root, 'transformers');
  const program = llamaBench ?? buildLlamaBench(node.modules, cacheRoot());
  const onSame = onLibrariesOf(node.modules, program, join(root, 'llama-bench'));
  const optimum = await prepareOptimum();
  const ours = (worker) => (round) => measureOurs(root, worker, round + 1);
  return [
    { title: 'nx-study, worker `llama-cpp`', run: ours('llama-cpp') },
    {
      title: "llama-bench, same release, on the worker's libraries",
      against: 0,
      run: () => runLlamaBench(onSame, modelFile),
    },
    { title: 'llama-bench, same release, as built here', against: 0, run: () => runLlamaBench(program, modelFile) },
    { title: 'nx-study, worker `transformers`', run: ours('transformers') },
    { title: 'bare script, same versions', against: 3, run: () => runBare(python.python, modelDirectory) },
    { title: 'optimum-benchmark 0.6', against: 3, run: () => runOptimum(optimum, modelDirectory) },
  ];
}

async function environmentOf(root, name) {
  return prepareEnvironment({ workspaceRoot: root, worker: await readWorker(root, name), variant: 'cpu' });
}

/** The derived asset that was made from a file of that hash. */
function onlyFolder(parent, sha256) {
  const names = existsSync(parent) ? readdirSync(parent) : [];
  const found = names.find((name) => name.startsWith(sha256));
  if (!found) throw new Error(`nothing was derived from ${sha256} in ${parent}`);
  return join(parent, found);
}

const line = ({ prefill_tok_s, decode_tok_s }) =>
  `prefill ${prefill_tok_s.toFixed(1)}, decode ${decode_tok_s.toFixed(1)} tok/s`;

function printTable(contestants, rounds) {
  const { threads, promptTokens, newTokens } = shape;
  console.log(
    `| batch 1, ${promptTokens} + ${newTokens} tokens, ${threads} thread | prefill tok/s | decode tok/s | prefill, ours as a ratio | decode, ours as a ratio | cores that wait and watch |`,
  );
  console.log('|---|---|---|---|---|---|');
  for (const [index, { title, against }] of contestants.entries()) {
    const of = (name, at = index) => rounds[at].map((result) => result[name]);
    const ratio = (name) => (against === undefined ? '' : `${medianRatio(of(name, against), of(name)).toFixed(3)} ×`);
    const cores = of('supervision_cores')[0] === undefined ? of('launcher_cores') : of('supervision_cores');
    const watching = cores[0] === undefined ? '' : median(cores).toFixed(4);
    const cells = [median(of('prefill_tok_s')).toFixed(1), median(of('decode_tok_s')).toFixed(1)];
    console.log(`| ${[title, ...cells, ratio('prefill_tok_s'), ratio('decode_tok_s'), watching].join(' | ')} |`);
  }
}
