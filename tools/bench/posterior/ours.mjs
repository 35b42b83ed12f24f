import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readStudy } from '../../../plugins/nx-study/dist/record/read.js';
import { loadStudy } from '../../../plugins/nx-study/dist/study/load.js';
import { readWorkers } from '../../../plugins/nx-study/dist/worker/read.js';
import { commitAll, nxEnvironment, nxProgram, nxWorkspace, repository } from '../workspace.mjs';
import { chamber, configuration, shape } from './shape.mjs';

/** A workspace with a study of the worker, one repetition for each round and one before them. */
export function prepareOurs(root, rounds) {
  nxWorkspace(root, { plugins: ['nx-study/plugin'] });
  for (const folder of ['kits', 'ideal-point'])
    cpSync(join(repository, 'workers', folder), join(root, 'workers', folder), { recursive: true });
  const study = join(root, 'studies/posterior');
  mkdirSync(study, { recursive: true });
  for (const [name, file] of Object.entries(chamber)) cpSync(file, join(study, `${name}.csv`));
  const base = configuration({ votes: 'votes.csv', legislators: 'legislators.csv' }, shape.fitted);
  const lines = ['worker: ideal-point', `base: ${JSON.stringify(base)}`, 'cpus: 1', `repeat: { times: ${rounds + 1} }`];
  writeFileSync(join(study, 'study.yaml'), `${lines.join('\n')}\n`);
  commitAll(root);
}

/** Seconds from the start of the worker's process to its end, as `nx run` measures one repetition. */
export async function measureOurs(root, repetition) {
  const workers = await readWorkers(root);
  const { plan } = await loadStudy({ workspaceRoot: root, file: 'studies/posterior/study.yaml', workers });
  const { id } = plan.measurements.find((measurement) => measurement.repetition === repetition);
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [nxProgram, 'run', `posterior.${id}:measure`, '--excludeTaskDependencies'],
    { cwd: root, env: { ...process.env, ...nxEnvironment }, encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`not measured:\n${stdout.slice(-3000)}\n${stderr.slice(-3000)}`);
  const { stored } = await readStudy(root, 'posterior', { withResults: true });
  const { record, result, directory } = stored.find((one) => one.record.id === id);
  const request = JSON.parse(readFileSync(join(directory, 'request.json'), 'utf8'));
  return { whole_s: record.elapsed_s, timings: result.payload.timings, request };
}
