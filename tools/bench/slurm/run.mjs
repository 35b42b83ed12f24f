import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { tsImport } from 'tsx/esm/api';
import { commitAll, nxRun, nxWorkspace } from '../workspace.mjs';

const LANES = 3;
const WORKER_S = 1;

/** Measures one-second measurements by jobs of a Slurm of its own, once for each size of a pack, and prints a Markdown table. */
export async function benchSlurm(count, packs) {
  const { startSlurm } = await tsImport('../../../test/helpers/slurm.ts', import.meta.url);
  const slurm = await startSlurm(LANES);
  if (typeof slurm === 'string') return console.log(`Slurm: not run: ${slurm}`);
  const home = mkdtempSync(join(tmpdir(), 'nx-study-bench-'));
  try {
    console.log(
      `| measurements of one job | jobs | wall time of ${count} on ${LANES} lanes | overhead of one, s | in the job: checks, record | between jobs: seen, submitted | between jobs: queue, start |`,
    );
    console.log('|---|---|---|---|---|---|---|');
    for (const pack of packs)
      console.log(`| ${(await measured(join(home, `${pack}`), slurm.env, count, pack)).join(' | ')} |`);
  } finally {
    await slurm.stop();
    rmSync(home, { recursive: true, force: true });
  }
}

async function measured(root, env, count, pack) {
  prepare(root, count, pack);
  const places = { NX_STUDY_LOCK_DIR: join(root, '.nx/lock'), NX_STUDY_CACHE_DIR: join(root, '.nx/environments') };
  const begin = performance.now();
  const submitted = await submissions(nxRun(root, { ...env, ...places }));
  const wall_s = (performance.now() - begin) / 1000;
  const gaps = gapsOf(root, submitted);
  const each = (seconds) => (seconds.reduce((sum, value) => sum + value, 0) / gaps.count).toFixed(2);
  return [
    pack,
    submitted.size,
    `${wall_s.toFixed(0)} s`,
    ((wall_s * LANES) / count - WORKER_S).toFixed(2),
    each(gaps.inside),
    each(gaps.submitting),
    each(gaps.starting),
  ];
}

function prepare(root, count, pack) {
  nxWorkspace(root, { plugins: ['nx-study/plugin'] });
  cpSync(join(import.meta.dirname, 'worker'), join(root, 'workers/second'), { recursive: true });
  mkdirSync(join(root, 'studies/bench'), { recursive: true });
  const slurm = pack === 1 ? '' : `, slurm: { pack: ${pack} }`;
  const study = [
    'worker: second',
    'platform: any',
    `repeat: { times: ${count} }`,
    `limits: { measurements: ${count} }`,
    `execution: { runner: slurm, lanes: ${LANES}${slurm} }`,
  ];
  writeFileSync(join(root, 'studies/bench/study.yaml'), `${study.join('\n')}\n`);
  commitAll(root);
}

/** Runs a study, and returns when each of its jobs was submitted, ms since 1970. */
async function submissions({ file, args, cwd, env }) {
  const nx = spawn(file, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = new Promise((resolve) => nx.once('close', resolve));
  const submitted = new Map();
  const lines = [];
  for await (const line of createInterface({ input: nx.stdout })) {
    lines.push(line);
    const job = /job (\d+) submitted/.exec(line)?.[1];
    if (job !== undefined) submitted.set(job, Date.now());
  }
  const code = await exit;
  if (code !== 0) throw new Error(`nx ended with code ${code}:\n${lines.slice(-30).join('\n')}`);
  return submitted;
}

/** The time between the measurements of each node, s: in the same job, until the next one was submitted, and until it measured. */
function gapsOf(root, submitted) {
  const records = recordsIn(join(root, 'results/bench'));
  const gaps = { count: records.length, inside: [], submitting: [], starting: [] };
  for (const host of new Set(records.map(({ supervisor }) => supervisor.host))) {
    const own = records.filter(({ supervisor }) => supervisor.host === host);
    own.sort((a, b) => Date.parse(a.started_at) - Date.parse(b.started_at));
    for (const [index, { started_at, ended_at, supervisor }] of own.entries()) {
      const began = Date.parse(started_at);
      gaps.inside.push((Date.parse(ended_at) - began) / 1000 - WORKER_S);
      const last = own[index - 1];
      if (last === undefined) continue;
      const ended = Date.parse(last.ended_at);
      if (last.supervisor.job === supervisor.job) gaps.inside.push((began - ended) / 1000);
      else {
        gaps.submitting.push((submitted.get(supervisor.job) - ended) / 1000);
        gaps.starting.push((began - submitted.get(supervisor.job)) / 1000);
      }
    }
  }
  return gaps;
}

const recordsIn = (folder) =>
  readdirSync(folder, { recursive: true })
    .filter((path) => path.endsWith('/record.json'))
    .map((path) => JSON.parse(readFileSync(join(folder, path), 'utf8')));
