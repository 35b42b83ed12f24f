import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { kindOf } from '../../../plugins/nx-study/dist/kinds/index.js';
import { readStudy } from '../../../plugins/nx-study/dist/record/read.js';
import { loadStudy } from '../../../plugins/nx-study/dist/study/load.js';
import { readWorkers } from '../../../plugins/nx-study/dist/worker/read.js';
import { commitAll, nxEnvironment, nxProgram, nxWorkspace, repository } from '../workspace.mjs';
import { model, shape } from './shape.mjs';

/** A workspace with a study for each worker, one repetition of it for each round. */
export function prepareOurs(root, workers, rounds) {
  nxWorkspace(root, { plugins: ['nx-study/plugin'] });
  for (const folder of ['kits', ...workers])
    cpSync(join(repository, 'workers', folder), join(root, 'workers', folder), { recursive: true });
  for (const worker of workers) {
    mkdirSync(join(root, 'studies', worker), { recursive: true });
    writeFileSync(join(root, 'studies', worker, 'study.yaml'), study(worker, rounds));
  }
  cpSync(join(repository, 'studies/assets.yaml'), join(root, 'studies/assets.yaml'));
  commitAll(root);
}

// The first repetition makes environments and assets, and is no part of the comparison.
function study(worker, rounds) {
  const { threads, promptTokens, newTokens, iterations } = shape;
  return [
    `worker: ${worker}`,
    `base:`,
    `  model: ${model}`,
    `  threads: ${threads}`,
    `  prompt_tokens: ${promptTokens}`,
    `  new_tokens: ${newTokens}`,
    `  measure: { iterations: ${iterations}, min_s: 5 }`,
    `  energy: null`,
    `repeat: { times: ${rounds + 1} }`,
    '',
  ].join('\n');
}

/** Measures one repetition as `nx run` does; its metrics, and what supervising it cost in cores. */
export async function measureOurs(root, worker, repetition) {
  const workers = await readWorkers(root);
  const { plan } = await loadStudy({ workspaceRoot: root, file: `studies/${worker}/study.yaml`, workers });
  const { id } = plan.measurements.find((measurement) => measurement.repetition === repetition);
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [nxProgram, 'run', `${worker}.${id}:measure`, '--excludeTaskDependencies'],
    { cwd: root, env: { ...process.env, ...nxEnvironment }, encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`${worker} was not measured:\n${stdout.slice(-3000)}\n${stderr.slice(-3000)}`);
  const attempts = await readStudy(root, worker, { withResults: true });
  const stored = attempts.stored.find(({ record }) => record.id === id);
  const [part] = kindOf('llm-inference').parts(stored);
  const value = (name) => part.metrics.find((metric) => metric.name === name).value;
  const { supervision_cpu_s, elapsed_s } = stored.record;
  return {
    prefill_tok_s: value('prefill_tok_s'),
    decode_tok_s: value('decode_tok_s'),
    supervision_cores: supervision_cpu_s / elapsed_s,
    elapsed_s,
    request: JSON.parse(readFileSync(join(stored.directory, 'request.json'), 'utf8')),
  };
}
