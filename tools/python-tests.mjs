// Lints and tests the Python packages in an environment made from their test lock.
// Usage: node tools/python-tests.mjs <junit report> [pytest arguments]
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { prepareEnvironment } from '../plugins/nx-study/dist/environment/prepare.js';

const workspaceRoot = join(import.meta.dirname, '..');
const root = 'workers/ideal-point';
const [report, ...select] = process.argv.slice(2);

const manifest = JSON.parse(readFileSync(join(workspaceRoot, root, 'worker.json'), 'utf8'));
const environment = { ...manifest.environment, lock: 'requirements-test.lock' };
const { python, cacheDir } = await prepareEnvironment({
  workspaceRoot,
  worker: { name: 'ideal-point-test', root, manifest: { ...manifest, environment } },
  onProgress: console.log,
});
const env = { ...process.env, PYTENSOR_FLAGS: `base_compiledir=${cacheDir}/pytensor,numba__fastmath=False` };
const steps = [
  ['-m', 'ruff', 'check', '.', '../kits/python'],
  ['-m', 'ruff', 'format', '--check', '.', '../kits/python'],
  ['-m', 'pytest', `--junit-xml=${report}`, ...select],
];
const statuses = steps.map(
  (args) => spawnSync(python, args, { cwd: join(workspaceRoot, root), env, stdio: 'inherit' }).status,
);
process.exitCode = statuses.every((status) => status === 0) ? 0 : 1;
