// Runs Python in an environment made from a worker's test lock, in the worker's folder.
// Usage: node tools/python.mjs <worker> <arguments of python>
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { prepareEnvironment } from '../plugins/nx-study/dist/environment/prepare.js';

const workspaceRoot = join(import.meta.dirname, '..');
const [name, ...args] = process.argv.slice(2);
const root = `workers/${name}`;
const manifest = JSON.parse(readFileSync(join(workspaceRoot, root, 'worker.json'), 'utf8'));
// A worker in a container names no Python: its tests run with any that the kits support.
const { python: range = '>=3.11' } = manifest.environment;
const environment = { type: 'uv', python: range, lock: 'requirements-test.lock' };
const { python, cacheDir } = await prepareEnvironment({
  workspaceRoot,
  worker: { name: `${name}-test`, root, manifest: { ...manifest, environment } },
  onProgress: console.log,
});
const env = { ...process.env, PYTENSOR_FLAGS: `base_compiledir=${cacheDir}/pytensor,numba__fastmath=False` };
process.exitCode = spawnSync(python, args, { cwd: join(workspaceRoot, root), env, stdio: 'inherit' }).status ?? 1;
