import { expect, test } from 'vitest';
import { studyOf } from '../helpers/studies.ts';
import { createWorkspace } from '../helpers/workspace.ts';
import type { Workspace } from '../helpers/workspace.ts';

const create = (studies: Record<string, string>) => createWorkspace({ workers: ['scripted'], studies });

const attemptsOf = ({ failed }: Workspace, study: string, label: string) =>
  failed(study)
    .filter((record) => record.label === label)
    .map(({ attempt }) => attempt);

test('a study may ask for further attempts at once, and only after certain failures', async () => {
  const retrying = 'execution: {retry: {times: 2, on: [crash]}, stop_after: {same_failure: 2}}\n';
  const workspace = await create({
    shaky: studyOf(
      [
        { label: 'flaky' },
        { label: 'hopeless', ending: 'exit-3' },
        { label: 'wrong', ending: 'wrong-kind' },
        { label: 'after' },
      ],
      retrying,
    ),
  });
  workspace.script({ flaky: { ending: 'exit-3' } });
  const run = await workspace.measure();
  expect(run.started).toEqual(['flaky', 'flaky', 'hopeless', 'hopeless', 'hopeless', 'wrong', 'after']);
  expect(run.exitCode).toBe(1);
  expect(run.all).toContain('shaky flaky: "crash": trying again, 1 of 2');
  expect(run.all).toContain('shaky hopeless: "crash": trying again, 2 of 2');
  expect(run.all).not.toContain('the study stops here');
  expect(workspace.finished('shaky').find(({ label }) => label === 'flaky')).toMatchObject({ attempt: 2 });
  expect(attemptsOf(workspace, 'shaky', 'flaky')).toEqual([1]);
  expect(attemptsOf(workspace, 'shaky', 'hopeless')).toEqual([1, 2, 3]);
  expect(attemptsOf(workspace, 'shaky', 'wrong')).toEqual([1]);
});

test('what is larger than one that ran out of memory is too large, until that one is measured', async () => {
  const study = 'studies/sizes/study.yaml';
  const workspace = await create({
    sizes: [
      'worker: scripted',
      'sweep: {value: [8, 4, 2, 6]}',
      'experiments: [{label: other-settings, value: 16, sleep_s: 0.1}]',
      'repeat: {order: sequential}',
      'execution: {monotone: [value]}',
      '',
    ].join('\n'),
  });
  const large = ['value-8', 'value-4', 'value-6', 'value-5', 'value-10', 'other-settings'];
  workspace.script(Object.fromEntries(large.map((label) => [label, { ending: 'reported-oom' }])));
  const first = await workspace.measure();
  expect(first).toMatchObject({ exitCode: 1, started: ['value-8', 'value-4', 'value-2', 'other-settings'] });
  expect(first.all).toMatch(
    /value-6: too-large \(larger than value-4-\w{8} \(value 6, 4 there\), which ran out of memory/,
  );
  const { failure, larger_than } = workspace.failed('sizes').find(({ label }) => label === 'value-6')!;
  expect(failure).toMatchObject({ type: 'too-large', message: expect.stringMatching(/^larger than value-4-/) });
  expect(larger_than).toMatch(/^value-4-[0-9a-f]{8}$/);

  await workspace.edit(study, '[8, 4, 2, 6]', '[8, 4, 2, 6, 5, 10]');
  const planned = (await workspace.command(['sizes:plan', '--json'])).all;
  const { rows } = JSON.parse(planned.slice(planned.indexOf('{'), planned.lastIndexOf('}') + 1));
  const standing = (label: string) => rows.find((row: { label: string }) => row.label === label);
  expect(standing('value-5')).toMatchObject({
    state: 'pending',
    next: 'too-large',
    why: expect.stringMatching(/^larger than value-4-/),
  });
  expect(standing('value-6')).toMatchObject({
    state: 'too-large',
    next: 'too-large',
    why: expect.stringContaining('too-large: larger than'),
  });
  const second = await workspace.measure();
  expect(second).toMatchObject({ exitCode: 1, started: [] });
  expect(second.all).toMatch(/value-5: too-large \(larger than value-4-/);
  expect(second.all).toMatch(/value-6: not tried again: attempt 1 ended with "too-large"/);

  expect((await workspace.nx(['run', 'sizes:remeasure', '--id', 'value-4'])).exitCode).toBe(0);
  const third = await workspace.measure();
  // What is larger than 8 stays too large. The others are tried, and the first of them runs out of memory itself.
  expect(third.started).toEqual(['value-4', 'value-6', 'value-5']);
  expect(third.all).toMatch(/value-10: not tried again/);
  const report = await workspace.command(['sizes:report', '--width', '200']);
  expect(report.all).toMatch(/value-10-\w+: too-large: larger than value-(8|4)-/);
});
