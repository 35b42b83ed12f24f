import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { commitAll, nxRun, nxWorkspace } from '../workspace.mjs';
import { parentOf, processesOf } from './processes.mjs';
import { watchDuring } from './window.mjs';

const LOOK_MS = 100;

/** A workspace with a study for each round; their seeds make them different measurements. */
export function prepareStudies(root, rounds, load) {
  nxWorkspace(root, { plugins: ['nx-study/plugin'] });
  cpSync(join(import.meta.dirname, 'worker'), join(root, 'workers/load'), { recursive: true });
  mkdirSync(join(root, 'tmp'));
  for (let round = 1; round <= rounds; round += 1) {
    mkdirSync(join(root, `studies/round-${round}`), { recursive: true });
    writeFileSync(join(root, `studies/round-${round}/study.yaml`), study(round, load));
  }
  commitAll(root);
}

// Every limit and every watch.
const study = (round, { seconds, cpus }) => `worker: load
cpus: ${cpus}
seed: ${round}
base: { seconds: ${seconds} }
execution:
  timeout_s: 600
  phase_timeout_s: { measuring: 600 }
  stalled_s: 60
  memory_limit_bytes: 4294967296
  neighbours: { cpu_cores: 0.25, action: flag }
`;

/** Measures one round as people do, and tells what all processes but the worker's cost meanwhile, in cores. */
export async function measureSupervised(root, round, seconds) {
  const temporary = join(root, 'tmp');
  const { file, args, cwd, env } = nxRun(root, {
    TMPDIR: temporary,
    NX_STUDY_LOCK_DIR: join(root, '.nx/lock'),
    NX_STUDY_CACHE_DIR: join(root, '.nx/environments'),
  });
  const nx = spawn(file, [...args, '-p', `round-${round}`], { cwd, env: { ...process.env, ...env } });
  let output = '';
  for (const stream of [nx.stdout, nx.stderr]) stream.on('data', (data) => (output += data));
  const exit = new Promise((resolve) => nx.once('close', resolve));
  const watched = await watch(nx, temporary, seconds);
  if ((await exit) !== 0 || watched === null)
    throw new Error(`round ${round} was not measured:\n${output.slice(-3000)}`);
  const results = join(root, 'results', `round-${round}`);
  const request = readdirSync(results, { recursive: true }).find((name) => name.endsWith('request.json'));
  const directory = dirname(join(results, request));
  const json = (name) => JSON.parse(readFileSync(join(directory, name), 'utf8'));
  return { rates: json('result.json').payload, ...watched, record: json('record.json'), directory };
}

async function watch(nx, temporary, seconds) {
  let found = processesOf(temporary);
  while (found.worker === null) {
    if (nx.exitCode !== null) return null;
    await sleep(LOOK_MS);
    found = processesOf(temporary);
  }
  const executor = parentOf(found.worker);
  const isExecutor = (pid) => pid === executor;
  const { cores, strangers } = await watchDuring(seconds, found.worker, () => processesOf(temporary).others);
  return {
    strangers,
    cores: {
      executor: cores(isExecutor),
      logger: cores(isExecutor, 'logger'),
      coordinator: cores((pid) => pid === nx.pid),
      others: cores((pid) => pid !== nx.pid && !isExecutor(pid)),
    },
  };
}
