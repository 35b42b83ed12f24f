import { mkdirSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { identifiedTasks } from '../../../plugins/nx-study/dist/graph/tasks.js';
import { canonicalJson, sha256 } from '../../../plugins/nx-study/dist/base/canonical.js';
import { withChecksum } from '../../../plugins/nx-study/dist/record/document.js';
import { recordSchema } from '../../../plugins/nx-study/dist/record/schema.js';
import { loadStudy } from '../../../plugins/nx-study/dist/study/load.js';
import { readWorkers } from '../../../plugins/nx-study/dist/worker/read.js';

const METRICS = 10;
const REPETITIONS = 10;

const worker = {
  protocol: 1,
  kind: 'values',
  description: 'Says numbers',
  commands: { measure: ['true'] },
  environment: { type: 'system' },
  config: 'config.schema.json',
  measuring: ['measure.sh'],
};
const config = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  additionalProperties: false,
  properties: { size: { type: 'integer', default: 1 } },
};

/** A workspace with a study of so many measurements, ten repetitions of each experiment, all measured; returns its name. */
export async function measuredWorkspace(root, count) {
  const sizes = Array.from({ length: count / REPETITIONS }, (_, index) => index + 1);
  const study = {
    worker: 'tiny',
    limits: { measurements: count },
    repeat: { times: REPETITIONS },
    sweep: { size: sizes },
    report: { baseline: { size: 1 } },
  };
  const files = {
    'workers/tiny/worker.json': JSON.stringify(worker),
    'workers/tiny/config.schema.json': JSON.stringify(config),
    'workers/tiny/measure.sh': 'exit 0\n',
    'studies/many/study.yaml': JSON.stringify(study),
  };
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  const workers = await readWorkers(root);
  const { plan } = await loadStudy({ workspaceRoot: root, file: 'studies/many/study.yaml', workers });
  const hash = await sha256();
  for (const [index, { task, identity }] of (await identifiedTasks(root, plan, workers)).entries())
    await writeMeasured(root, { task, identity, index, hash });
  return 'many';
}

async function writeMeasured(root, { task, identity, index, hash }) {
  const digest = hash(canonicalJson(identity));
  const result = JSON.stringify({ protocol: 1, kind: 'values', payload: numbersOf(task, index) });
  const files = [{ path: 'result.json', sha256: hash(result), bytes: result.length, local: false }];
  const folder = join(root, 'results/many', task.id, digest.slice(0, 12));
  mkdirSync(folder, { recursive: true });
  const record = recordSchema.parse(recordOf(task, { identity, digest, files, index }));
  writeFileSync(join(folder, 'record.json'), JSON.stringify(await withChecksum(record)));
  writeFileSync(join(folder, 'result.json'), result);
}

const numbersOf = ({ configuration: { size } }, index) =>
  Object.fromEntries(
    Array.from({ length: METRICS }, (_, metric) => [`part_${metric}_s`, size * (1 + ((index * 7 + metric) % 11) / 50)]),
  );

function recordOf(task, { identity, digest, files, index }) {
  const at = new Date(1_700_000_000_000 + index * 60_000).toISOString();
  const { study, id, experiment, label, repetition, seed, configuration, varied } = task;
  return {
    record: 2,
    study,
    id,
    experiment,
    label,
    worker: 'tiny',
    kind: 'values',
    repetition,
    seed,
    take: 1,
    digest,
    identity,
    configuration,
    varied,
    outcome: 'measured',
    expected: null,
    failure: null,
    attempt: 1,
    started_at: at,
    ended_at: at,
    elapsed_s: 40,
    findings: [],
    files,
    reused_from: null,
    interpreter: null,
    phases: [
      { phase: 'loading', start_s: 0, elapsed_s: 10 },
      { phase: 'measuring', start_s: 10, elapsed_s: 30 },
    ],
    cool_down: { waited_s: 0, reason: 'no gap' },
    allowance: { cpus: 1 },
    machine: { cpu: 'Example CPU 3000' },
    git: { commit: null, dirty: null, reason: 'none' },
    supervisor: { host: hostname(), pid: process.pid, boot: 'an earlier boot', start_time: '1' },
  };
}
