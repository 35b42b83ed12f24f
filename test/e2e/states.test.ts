import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { statusSchema } from '../../plugins/nx-study/src/commands/status/schema.ts';
import type { Status } from '../../plugins/nx-study/src/commands/status/schema.ts';
import { INVALID, nexts, states } from '../../plugins/nx-study/src/state/states.ts';
import { kill, parentOf } from '../helpers/processes.ts';
import { waitFor } from '../helpers/starts.ts';
import { studyOf } from '../helpers/studies.ts';
import type { Experiment } from '../helpers/studies.ts';
import { createWorkspace } from '../helpers/workspace.ts';
import type { Workspace } from '../helpers/workspace.ts';
import { parseCsv } from '../unit/tables/csv.ts';

const first: Experiment[] = [
  { label: 'measured', value: 1 },
  { label: 'damaged', value: 2 },
  { label: 'stale', value: 3 },
  { label: 'failed', value: 4, ending: 'exit-3' },
  { label: 'expected', value: 5, ending: 'exit-3', expect: 'failed' },
  { label: 'final', value: 900, ending: 'reported-oom' },
  { label: 'larger', value: 901, ending: 'reported-oom' },
  { label: 'interrupted', value: 6 },
];
const later: Experiment[] = [
  { label: 'busy', value: 7 },
  { label: 'shared', value: 8 },
];
// A worker refuses one of them.
const swept = 'sweep: {value: [9, much]}\n';
const further = 'invalid: skip\nrepeat: {order: sequential}\nexecution: {monotone: [value], gap: {min_s: 0}}\n';

const expected = {
  measured: 'measured nothing',
  damaged: 'damaged measure',
  stale: 'stale measure',
  failed: 'failed measure',
  expected: 'expected-failure nothing',
  final: 'failed final',
  larger: 'too-large too-large',
  interrupted: 'interrupted measure',
  busy: 'running nothing',
  shared: 'pending reuse',
  'value-9': 'pending measure',
};

interface Planned {
  rows: { id: string; label: string; state: string; next: string }[];
  counts: Record<string, number>;
  plan: { invalid: unknown[] };
}

async function jsonOf<T>({ nx }: Workspace, command: string): Promise<T> {
  const { all } = await nx(['run', `every:${command}`, '--json']);
  return JSON.parse(all.slice(all.indexOf('\n{'), all.lastIndexOf('\n}') + 2)) as T;
}

const startOf = ({ starts }: Workspace, label: string) =>
  waitFor(`the start of ${label}`, () => starts().find((start) => start.label === label), 120);

interface Answer {
  state: string;
  number: number;
}

/** How often each word occurs. */
const countOf = (words: readonly string[], found: readonly string[]) =>
  Object.fromEntries(words.map((word) => [word, found.filter((one) => one === word).length]));

/** Counts of the words in a line such as `3 measurements: 1 measured, 2 failed`. */
function countsIn(text: string): Record<string, number> {
  const line = text.split('\n').find((one) => /^\d+ measurements: /.test(one.trim()))!;
  const parts = line
    .trim()
    .replace(/^.*?: /, '')
    .split(', ');
  const found = Object.fromEntries(parts.map((part) => [part.replace(/^\d+ /, ''), Number(/^\d+/.exec(part)![0])]));
  return { ...countOf(states, []), ...found };
}

/** A study with a measurement in each state, one of which another run measures just now. */
async function everyState(): Promise<{ workspace: Workspace; busy: { end(): Promise<unknown> } }> {
  const workspace = await createWorkspace({
    workers: ['scripted'],
    studies: { another: studyOf([{ label: 'shared', value: 8 }]), every: studyOf(first, further) },
  });
  workspace.script({ interrupted: { hold: 'measuring' } });
  const nx = workspace.startNx(['run-many', '-t', 'measure']);
  kill(parentOf((await startOf(workspace, 'interrupted')).pid), 'SIGKILL');
  await nx;
  const records = workspace.finished('every');
  const idOf = (label: string) => records.find((record) => record.label === label)!.id;
  await workspace.write('studies/every/study.yaml', studyOf([...first, ...later], further + swept));
  await workspace.write('studies/every/takes.json', JSON.stringify({ [idOf('stale')]: 2 }));
  const { digest } = records.find(({ label }) => label === 'damaged')!;
  const damaged = join(workspace.root, 'results/every', idOf('damaged'), digest.slice(0, 12), 'result.json');
  writeFileSync(damaged, '{}');
  workspace.script({ busy: { hold: 'measuring' } });
  const { all } = await workspace.nx(['show', 'projects']);
  expect(all).toMatch(/^every\.busy-\w+/m);
  const [project] = /^every\.busy-\w+/m.exec(all)!;
  const running = workspace.startNx(['run', `${project}:measure`, '--excludeTaskDependencies']);
  const begun = await Promise.race([startOf(workspace, 'busy'), running]);
  if ('all' in begun) throw new Error(begun.all);
  return {
    workspace,
    busy: {
      end() {
        workspace.script({});
        return running;
      },
    },
  };
}

test('each command gives the same counts for a study with all states in it', { timeout: 900_000 }, async () => {
  const { workspace, busy } = await everyState();
  const planned = await jsonOf<Planned>(workspace, 'plan');
  expect(Object.fromEntries(planned.rows.map(({ label, state, next }) => [label, `${state} ${next}`]))).toEqual(
    expected,
  );
  const words = Object.values(expected).map((both) => both.split(' '));
  const counts = countOf(
    states,
    words.map(([state]) => state!),
  );
  expect(Object.values(counts).every((count) => count > 0)).toBe(true);
  expect(planned.counts).toEqual(
    countOf(
      nexts,
      words.map(([, next]) => next!),
    ),
  );
  expect(planned.plan.invalid).toHaveLength(1);

  const status = statusSchema.parse(await jsonOf<Status>(workspace, 'status'));
  expect(status.counts).toEqual(counts);
  expect(status.running).toMatchObject({ label: 'busy' });

  const report = await workspace.nx(['run', 'every:report', '--width', '240']);
  expect(countsIn(report.all)).toEqual(counts);
  const csv = parseCsv(readFileSync(join(workspace.root, 'results/every/report/measurements.csv'), 'utf8'));
  expect(
    countOf(
      [...states, INVALID],
      csv.map(({ state }) => state!),
    ),
  ).toEqual({ ...counts, [INVALID]: 1 });

  const sql = 'select state, count(*)::integer as number from all_measurements group by state';
  const { all } = await workspace.nx(['run', 'every:query', '--sql', sql, '--format', 'json']);
  const answers = JSON.parse(all.slice(all.indexOf('[\n'), all.lastIndexOf(']') + 1)) as Answer[];
  // The other study has one measurement.
  const ofAll = { ...counts, measured: counts['measured']! + 1, [INVALID]: 1 };
  expect(Object.fromEntries(answers.map(({ state, number }) => [state, number]))).toEqual(ofAll);

  const again = await workspace.nx(['run', 'every:remeasure', '--failed', 'oom']);
  expect(again.all).toContain('To be tried again, 1 measurement without a result');

  await busy.end();
  const run = await workspace.measure(['--projects', 'every.*']);
  // What is larger than another one is looked at again once that has run out of memory again.
  expect(new Set(run.started)).toEqual(new Set(['damaged', 'stale', 'failed', 'final', 'interrupted', 'value-9']));
  expect(statusSchema.parse(await jsonOf<Status>(workspace, 'status')).counts).toEqual({
    ...countOf(states, []),
    measured: 7,
    failed: 2,
    'too-large': 1,
    'expected-failure': 1,
  });
});
