import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
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

/** The command of the same by nutpie with the worker's model, where the process does nothing else. */
export function fitCommand(environment, root, { seed, length }) {
  const args = ['nutpie', 'fused', settings(chamber, length.fitted, length), seed, join(root, 'draws.nc'), 'only-fit'];
  return [environment.python, join(import.meta.dirname, 'fit.py'), ...args.map(String)];
}

/** The worker's command by itself, with the request that nx-study wrote for it. */
export function workerCommand(environment, root, request) {
  const folder = mkdtempSync(join(root, 'alone-'));
  writeFileSync(join(folder, 'request.json'), JSON.stringify(request));
  return [environment.python, '-m', 'ideal_point.measure', folder];
}

/** CPU seconds of sampling alone, by the worker and by bare nutpie, in turns in one process. */
export const samplingInTurns = (environment, pairs) => {
  const length = { ...shape, tune: shape.tune / 2, draws: shape.draws / 2 };
  const args = [settings(chamber, shape.fitted, length), pairs];
  return python(environment, join(import.meta.dirname, 'sampling.py'), args);
};

/** CPU time of a command, and its time to the end, s. */
export const costOf = (environment, command) => python(environment, COST, command);

/** The same of several commands at once, each on a core of its own: the machine is equally fast for all. */
export async function costsSideBySide(environment, commands) {
  const run = promisify(execFile);
  const ended = commands.map((command, core) =>
    run('taskset', ['-c', String(core), environment.python, COST, ...command], { env: variables(environment) }),
  );
  return (await Promise.all(ended)).map(({ stdout }) => lastLine(stdout));
}

const COST = join(import.meta.dirname, '../cpu_of.py');

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
function python(environment, script, args) {
  const output = execFileSync(environment.python, [script, ...args.map(String)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: variables(environment),
  });
  return lastLine(output);
}

const variables = ({ cacheDir }) => ({
  ...process.env,
  PYTHONPATH: `${join(worker, 'src')}:${join(repository, 'workers/kits/python')}`,
  PYTHONPYCACHEPREFIX: `${cacheDir}/bytecode`,
  PYTENSOR_FLAGS: `base_compiledir=${cacheDir}/pytensor,numba__fastmath=False`,
  ...Object.fromEntries(['OMP', 'OPENBLAS', 'MKL', 'NUMBA'].map((name) => [`${name}_NUM_THREADS`, '1'])),
});

const lastLine = (output) => JSON.parse(output.trim().split('\n').at(-1));
