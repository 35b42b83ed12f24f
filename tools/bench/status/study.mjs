import { mkdirSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';

const digestOf = (index, version) => `${version}${index.toString(16).padStart(63, '0')}`;

/** A workspace with a study of so many measurements, all but the last two measured; its plan as `status` gets it. */
export function measuredStudy(root, count, { version = 'a', journal = true } = {}) {
  const at = new Date().toISOString();
  const supervisor = { host: hostname(), pid: process.pid, boot: 'an earlier boot', start_time: '1' };
  const plan = Array.from({ length: count }, (_, index) => ({
    id: `value-${index}-00000000`,
    label: `value-${index}`,
    repetition: 1,
    worker: 'shell',
    experiment: `value-${index}-00000000`,
    digest: digestOf(index, version),
    expect: null,
    gap: { min_s: 10, max_s: null, until: null },
  }));
  const lines = [{ at, pid: process.pid, event: 'wave', supervisor, nx: null, tasks: count }];
  for (const [index, { id }] of plan.slice(0, -2).entries()) {
    const digest = digestOf(index, 'a');
    const finished = join(root, 'results/large', id, digest.slice(0, 12));
    mkdirSync(finished, { recursive: true });
    writeFileSync(join(finished, 'record.json'), '{}\n');
    const entry = { at, pid: process.pid, id, digest };
    lines.push({ ...entry, event: 'started' }, { ...entry, event: 'measured', elapsed_s: 40 + (index % 7) });
  }
  if (journal)
    writeFileSync(join(root, 'results/large/journal.jsonl'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return plan;
}
