import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from '../workspace.mjs';
import { chamber, configuration, shape } from './shape.mjs';

const worker = join(repository, 'workers/ideal-point');

/** Rates of the gradients by model, in blocks in turns. */
export const gradients = (environment, files, rollcalls, blocks) =>
  python(environment, join(import.meta.dirname, 'gradients.py'), [settings(files, rollcalls), blocks]);

/** One fit of the chamber by a sampler; `whole_s` is from the start of the process to the draws on the disk. */
export function fit(environment, root, { sampler, model, seed, length }) {
  const args = [sampler, model, settings(chamber, shape.fitted, length), seed, join(root, 'draws.nc')];
  const begin = Date.now();
  const { saved_at, ...result } = python(environment, join(import.meta.dirname, 'fit.py'), args);
  return { whole_s: saved_at - begin / 1000, ...result };
}

/** The same by nutpie, where the process does nothing else: its CPU time and time to its end. */
export function fitOnly(environment, root, { model, seed, length }) {
  const args = ['nutpie', model, settings(chamber, length.fitted, length), seed, join(root, 'draws.nc'), 'only-fit'];
  const command = [environment.python, join(import.meta.dirname, 'fit.py'), ...args.map(String)];
  return python(environment, join(import.meta.dirname, '../cpu_of.py'), command);
}

/** The worker's command by itself, with the request that nx-study wrote for it: its CPU time and time to its end. */
export function measureAlone(environment, root, request) {
  const folder = mkdtempSync(join(root, 'alone-'));
  writeFileSync(join(folder, 'request.json'), JSON.stringify(request));
  const command = [environment.python, '-m', 'ideal_point.measure', folder];
  return python(environment, join(import.meta.dirname, '../cpu_of.py'), command);
}

/** A simulated chamber as large as the real one. */
export function simulate(environment, root, rollcalls) {
  const folder = join(root, `simulated-${rollcalls}`);
  mkdirSync(folder);
  const size = ['--members', 102, '--rollcalls', rollcalls].map(String);
  execFileSync(environment.python, [join(worker, 'tools/simulate.py'), folder, ...size]);
  return { votes: join(folder, 'votes.csv'), legislators: join(folder, 'legislators.csv') };
}

const settings = (files, rollcalls, length) => JSON.stringify(configuration(files, rollcalls, length));

// With the variables of the worker's manifest, so that both find the same compiled code.
function python({ python: program, cacheDir }, script, args) {
  const output = execFileSync(program, [script, ...args.map(String)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      PYTHONPATH: `${join(worker, 'src')}:${join(repository, 'workers/kits/python')}`,
      PYTHONPYCACHEPREFIX: `${cacheDir}/bytecode`,
      PYTENSOR_FLAGS: `base_compiledir=${cacheDir}/pytensor,numba__fastmath=False`,
      ...Object.fromEntries(['OMP', 'OPENBLAS', 'MKL', 'NUMBA'].map((name) => [`${name}_NUM_THREADS`, '1'])),
    },
  });
  return JSON.parse(output.trim().split('\n').at(-1));
}
