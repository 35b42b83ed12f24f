import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { prepareEnvironment } from '../../../plugins/nx-study/dist/environment/prepare.js';
import { repository } from '../workspace.mjs';
import { shape } from './shape.mjs';

/** The same versions as the worker's, without anything around them. */
export const runBare = (python, modelDirectory) => runScript(python, 'bare_transformers.py', modelDirectory);

export const runOptimum = (python, modelDirectory) => runScript(python, 'optimum-benchmark/launch.py', modelDirectory);

/** The interpreter of optimum-benchmark's environment. */
export async function prepareOptimum() {
  const root = 'tools/bench/inference/optimum-benchmark';
  const environment = { type: 'uv', python: '>=3.11,<3.12', lock: 'requirements.lock' };
  const worker = { name: 'bench-optimum-benchmark', root, manifest: { environment } };
  const { python } = await prepareEnvironment({ workspaceRoot: repository, worker, onProgress: console.error });
  return python;
}

function runScript(python, script, modelDirectory) {
  const { threads, promptTokens, newTokens, iterations } = shape;
  const args = [join(import.meta.dirname, script), modelDirectory, threads, promptTokens, newTokens, iterations];
  const output = execFileSync(python, args.map(String), {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, OMP_NUM_THREADS: String(threads), HF_HUB_OFFLINE: '1', TOKENIZERS_PARALLELISM: 'false' },
  });
  return JSON.parse(output.trim().split('\n').at(-1));
}
