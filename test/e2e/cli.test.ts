import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createWorkspace } from '../helpers/workspace.ts';
import type { Workspace } from '../helpers/workspace.ts';

const study = 'studies/letters/study.yaml';
const letters = `
description: Which letter is the best?
worker: scripted
sweep: {value: [1, 2, 3], linger_s: [0, 0.1]}
repeat: {times: 2}
`;
const create = (text = letters) => createWorkspace({ workers: ['scripted'], studies: { letters: text } });

async function preview({ nx }: Workspace) {
  const { exitCode, all } = await nx(['run', 'letters:plan', '--json']);
  expect(exitCode).toBe(0);
  return JSON.parse(all.slice(all.indexOf('{'), all.lastIndexOf('}') + 1));
}

test('plan says what would run, why, and that no time can be told yet', async () => {
  const workspace = await create(`${letters}execution: {gap: {min_s: 10}}\n`);
  const { exitCode, all } = await workspace.nx(['run', 'letters:plan']);
  expect(exitCode).toBe(0);
  expect(all).toContain('letters: Which letter is the best?');
  expect(all).toContain('12 measurements = 3 × value, 2 × linger_s, 2 repetitions');
  expect(all.match(/measures .* first time .* unknown/g)).toHaveLength(12);
  expect(all).toContain('12 to measure, 0 of 12 done');
  expect(all).toContain('scripted runs: {node} {worker}/measure.mjs {run}');
  expect(all).toContain('scripted gets of your environment: SCRIPTED_FLAVOUR, SCRIPTED_STARTS');
  expect(all).toContain('time: unknown, nothing similar was measured here before, plus at least 1 min 50 s of gaps');
  expect(workspace.starts()).toEqual([]);
  expect(await preview(workspace)).toMatchObject({
    study: 'letters',
    counts: { measure: 12, nothing: 0, derive: 0, final: 0 },
    measuring_s: null,
    without_estimate: 12,
    gaps_s: 110,
  });
});

test('plan tells the time from earlier measurements, and why each would run again', async () => {
  const workspace = await create('worker: scripted\nbase: {sleep_s: 0.3}\nsweep: {value: [1, 2, 3]}\n');
  await workspace.measure();
  const done = await workspace.nx(['run', 'letters:plan']);
  expect(done.all.match(/nothing to do .* measured/g)).toHaveLength(3);
  expect(done.all).toContain('3 of 3 done');
  expect(done.all).not.toMatch(/^time:/m);

  await workspace.edit(study, '[1, 2, 3]', '[1, 2, 3, 4, 5]');
  const more = await workspace.nx(['run', 'letters:plan']);
  expect(more.all).toContain('2 to measure, 3 of 5 done');
  expect(more.all).toMatch(
    /time: about [\d.]+ s \([\d.]+ s to [\d.]+ s\); from earlier measurements of the same study and worker/,
  );
  const json = await preview(workspace);
  expect(json.measuring_s.expected).toBeGreaterThan(0.6);
  expect(json.rows.map(({ next }: { next: string }) => next)).toEqual([
    'nothing',
    'nothing',
    'nothing',
    'measure',
    'measure',
  ]);
  expect(json.rows[3].estimate).toMatchObject({ from: 3, basis: 'same study and worker' });

  await workspace.edit(study, 'sleep_s: 0.3', 'sleep_s: 0.2');
  await workspace.edit(study, '[1, 2, 3, 4, 5]', '[1]');
  await workspace.edit(study, 'worker: scripted', 'worker: scripted\nseed: 2');
  const changed = await preview(workspace);
  expect(changed.rows[0].why).toMatch(/^changed: sleep_s: 0.3 → 0.2, seed: \d+ → \d+$/);
});

test('report shows finished and failed measurements in one table', async () => {
  const workspace = await create(
    'worker: scripted\nexperiments:\n  - {label: good, value: 6}\n  - {label: bad, ending: exit-3}\n',
  );
  await workspace.measure();
  const { exitCode, all } = await workspace.nx(['run', 'letters:report']);
  expect(exitCode).toBe(0);
  expect(all).toMatch(/^good-\w+ .*measured +6 /m);
  expect(all).toMatch(/^bad-\w+ .*failed: crash/m);
  const csv = await workspace.read('results/letters/report/measurements.csv');
  expect(csv.trim().split('\n')).toHaveLength(3);
});

test('many studies are reported, planned and shown in one process each, and each text is printed once, with its own outcome', async () => {
  const studies = { letters, digits: 'worker: scripted\nsweep: {value: [1]}\n', odd: 'worker: scripted\n' };
  const workspace = await createWorkspace({ workers: ['scripted'], studies });
  const report = await workspace.nx(['run-many', '-t', 'report', '--verbose']);
  expect(report.exitCode).toBe(0);
  expect(report.all).toContain('Running 3 tasks with nx-study:report');
  for (const name of Object.keys(studies))
    expect(report.all.match(new RegExp(`results/${name}/report \\(`, 'g'))).toHaveLength(1);

  const plan = await workspace.nx(['run-many', '-t', 'plan', '-p', 'letters,digits', '--verbose', '--jsn']);
  expect(plan.exitCode).toBe(1);
  expect(plan.all).toContain('Running 2 tasks with nx-study:plan');
  expect(plan.all.match(/unknown option --jsn\. Did you mean `json`\?/g)).toHaveLength(2);

  const status = await workspace.nx(['run-many', '-t', 'status', '--batch', '--verbose']);
  expect(status.exitCode).toBe(0);
  expect(status.all).toContain('Running 3 tasks with nx-study:status');
  expect(status.all.match(/0 of \d+ measured/g)).toHaveLength(3);
  const watched = await workspace.nx(['run-many', '-t', 'status', '-p', 'odd', '--batch', '--watch']);
  expect(watched.exitCode).toBe(1);
  expect(watched.all).toContain('nx run odd:status --watch');
});

test('promote makes a measurement the default, note begins a note, and neither measures anything again', async () => {
  const text =
    'description: Which value?\nworker: scripted\nbase: {value: 1} # the first guess\nsweep: {value: [1, 7]}\n';
  const workspace = await create(text);
  const { nx, read, root } = workspace;
  const promote = (...args: string[]) => nx(['run', 'letters:promote', ...args]);
  const unmeasured = await promote('--measurement', 'value-7', '--write');
  expect(unmeasured.exitCode).toBe(1);
  expect(unmeasured.all).toContain('is not measured: its state is pending');
  await workspace.measure();

  const written = await promote('--measurement', 'value-7', '--write');
  expect(written.all).toContain('-base: {value: 1} # the first guess\n+base: {value: 7} # the first guess');
  expect(written.all).toContain('These now repeat the base, and stay in the file: sweep: value = 7');
  expect(written.exitCode).toBe(0);
  expect(await read('studies/letters/study.yaml')).toBe(text.replace('{value: 1}', '{value: 7}'));
  const [decision] = readdirSync(join(root, 'studies/letters/decisions'));
  expect(decision).toMatch(/^\d{4}-\d\d-\d\d-value-7\.md$/);
  expect(await read(`studies/letters/decisions/${decision}`)).toContain('- value: 1 → 7');

  const noted = await nx(['run', 'letters:note', '--title', 'A {projectName}!']);
  expect(noted.all).toMatch(/Note: studies\/letters\/notes\/\d{4}-\d\d-\d\d-a-projectname\.md/);
  const [note] = readdirSync(join(root, 'studies/letters/notes'));
  const facts = await read(`studies/letters/notes/${note}`);
  expect(facts).toContain('# A \\{projectName\\}\\!\n');
  expect(facts).toContain('- 2 measurements: 2 measured');
  expect(await workspace.measure()).toMatchObject({ exitCode: 0, started: [] });
});
