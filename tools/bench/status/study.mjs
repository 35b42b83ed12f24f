import { mkdirSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { canonicalJson, sha256 } from '../../../plugins/nx-study/dist/base/canonical.js';
import { withChecksum } from '../../../plugins/nx-study/dist/record/document.js';
import { recordSchema } from '../../../plugins/nx-study/dist/record/schema.js';

const result = JSON.stringify({ protocol: 1, kind: 'values', payload: { value_count: 1 } });

/** A workspace with a study of so many measurements, all but the last two measured; its plan as `status` gets it. */
export async function measuredStudy(root, count, { version = 'a', journal = true } = {}) {
  const at = new Date().toISOString();
  const hash = await sha256();
  const digestOf = (index, code) => hash(canonicalJson(identityOf(index, code)));
  const supervisor = { host: hostname(), pid: process.pid, boot: 'an earlier boot', start_time: '1' };
  const plan = Array.from({ length: count }, (_, index) => ({
    id: `value-${index}-00000000`,
    label: `value-${index}`,
    repetition: 1,
    worker: 'shell',
    experiment: `value-${index}-00000000`,
    digest: digestOf(index, version),
    accepted: [],
    expect: null,
    gap: { min_s: 10, max_s: null, until: null },
  }));
  const files = [{ path: 'result.json', sha256: hash(result), bytes: result.length, local: false }];
  const lines = [{ at, pid: process.pid, event: 'batch', supervisor, nx: null, tasks: count }];
  for (const [index, { id }] of plan.slice(0, -2).entries()) {
    const digest = digestOf(index, 'a');
    const finished = join(root, 'results/large', id, digest.slice(0, 12));
    mkdirSync(finished, { recursive: true });
    const record = recordSchema.parse(recordOf(id, index, digest, { at, files, supervisor }));
    writeFileSync(join(finished, 'record.json'), JSON.stringify(await withChecksum(record), null, 2));
    writeFileSync(join(finished, 'result.json'), result);
    const entry = { at, pid: process.pid, id, digest };
    lines.push({ ...entry, event: 'started' }, { ...entry, event: 'measured', elapsed_s: 40 + (index % 7) });
  }
  if (journal)
    writeFileSync(join(root, 'results/large/journal.jsonl'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return plan;
}

const identityOf = (index, code) => ({
  protocol: 1,
  worker: 'shell',
  configuration: { value: index },
  code,
  environment: null,
  platform: null,
  cpus: null,
  env: {},
  repetition: 1,
  seed: 1,
  take: 1,
});

const recordOf = (id, index, digest, { at, files, supervisor }) => ({
  record: 2,
  study: 'large',
  id,
  experiment: id,
  label: `value-${index}`,
  worker: 'shell',
  kind: 'values',
  repetition: 1,
  seed: 1,
  take: 1,
  digest,
  identity: identityOf(index, 'a'),
  configuration: { value: index },
  varied: { value: index },
  outcome: 'measured',
  expected: null,
  failure: null,
  attempt: 1,
  started_at: at,
  ended_at: at,
  elapsed_s: 40 + (index % 7),
  phases: [],
  cool_down: { waited_s: 0, reason: 'no gap' },
  allowance: { cpus: 1 },
  interpreter: null,
  machine: {},
  git: { commit: null, dirty: null, reason: 'none' },
  supervisor,
  findings: [],
  files,
  reused_from: null,
});
