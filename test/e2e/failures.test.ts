import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { kill } from '../helpers/processes.ts';
import { waitFor } from '../helpers/starts.ts';
import { studyOf } from '../helpers/studies.ts';
import { createWorkspace } from '../helpers/workspace.ts';
import type { Workspace } from '../helpers/workspace.ts';

const create = (studies: Record<string, string>) => createWorkspace({ workers: ['scripted'], studies });

const ok = (label: string) => ({ label });
const fails = (label: string) => ({ label, ending: 'exit-3' });
const labels = (records: { label: string }[]) => records.map(({ label }) => label);
const failureOf = ({ failed }: Workspace, study: string, label: string) =>
  failed(study).find((record) => record.label === label)!.failure!;

test('a failure first, in the middle, last, or twice in a row keeps no other measurement from running', async () => {
  const workspace = await create({
    first: studyOf([fails('first-a'), ok('first-b'), ok('first-c')]),
    middle: studyOf([ok('middle-a'), fails('middle-b'), ok('middle-c')]),
    last: studyOf([ok('last-a'), ok('last-b'), fails('last-c')]),
    twice: studyOf([ok('twice-a'), fails('twice-b'), fails('twice-c'), ok('twice-d')]),
  });
  const run = await workspace.measure();
  expect(run.exitCode).toBe(1);
  expect(run.started).toHaveLength(13);
  expect(run.all).toContain('the scripted worker gives up');

  const failure = failureOf(workspace, 'middle', 'middle-b');
  expect(failure).toMatchObject({ type: 'crash', phase: 'measuring', exit_code: 3, signal: null });
  expect(failure.log_tail).toContain('the scripted worker gives up');

  const again = await workspace.measure();
  expect(again.exitCode).toBe(1);
  expect(again.started).toEqual(['first-a', 'last-c', 'middle-b', 'twice-b', 'twice-c']);
  expect(workspace.failed('middle').map(({ attempt }) => attempt)).toEqual([1, 2]);
});

test('a study that asks for more cores than there are measures nothing, and says so', async () => {
  const workspace = await create({ wide: studyOf([ok('a')], 'cpus: 4096\n') });
  const run = await workspace.measure();
  expect(run).toMatchObject({ exitCode: 1, started: [] });
  expect(run.all).toMatch(/asks for 4096 CPU cores per measurement, but this process may use \d+/);
  expect(failureOf(workspace, 'wide', 'a')).toMatchObject({ type: 'platform' });
});

test('an expected failure is a result, and a surprise is told', async () => {
  const workspace = await create({
    limits: studyOf([
      { ...fails('beyond-the-limit'), expect: 'failed' },
      { ...ok('below-the-limit'), expect: 'failed' },
    ]),
  });
  const first = await workspace.measure();
  expect(first).toMatchObject({ exitCode: 0, started: ['beyond-the-limit', 'below-the-limit'] });
  expect(first.all).toContain('beyond-the-limit: failed, as expected (crash: exit code 3');
  expect(first.all).toContain('although it was expected to fail');
  expect(await workspace.measure()).toMatchObject({ exitCode: 0, started: [] });
  await rm(join(workspace.root, '.nx'), { recursive: true });
  expect(await workspace.measure()).toMatchObject({ exitCode: 0, started: [] });
});

test('a settled failure is reported, and repeated only on purpose', async () => {
  const workspace = await create({ memory: studyOf([{ label: 'too-large', ending: 'reported-oom' }, ok('small')]) });
  expect(await workspace.measure()).toMatchObject({ exitCode: 1, started: ['too-large', 'small'] });
  expect(failureOf(workspace, 'memory', 'too-large')).toMatchObject({
    type: 'oom',
    message: 'no memory for 4 GB of samples',
    traceback: 'Traceback: allocate()',
  });
  const again = await workspace.measure();
  expect(again).toMatchObject({ exitCode: 1, started: [] });
  expect(again.all).toContain('not tried again: attempt 1 ended with "oom"');
  expect(again.all).toContain('NX_STUDY_RETRY=1');
  const planned = await workspace.command(['memory:plan']);
  expect(planned.all).toContain('1 whose failure is final');
  const retried = await workspace.measure([], { env: { NX_STUDY_RETRY: '1' } });
  expect(retried).toMatchObject({ exitCode: 1, started: ['too-large'] });
});

test('the same failure again and again stops its study, and no other one', async () => {
  const stopping = 'execution: {stop_after: {same_failure: 2}}\n';
  const workspace = await create({
    doomed: studyOf([fails('a'), fails('b'), ok('c'), ok('d')], stopping),
    mixed: studyOf([fails('e'), { label: 'f', ending: 'no-result' }, fails('g'), ok('h')], stopping),
  });
  const run = await workspace.measure();
  expect(run).toMatchObject({ exitCode: 1, started: ['a', 'b', 'e', 'f', 'g', 'h'] });
  expect(run.all).toContain('doomed: the study stops here: the same failure 2 times in a row');
  await workspace.edit('studies/doomed/study.yaml', 'same_failure: 2', 'same_failure: 3');
  expect((await workspace.measure(['-p', 'doomed*'])).started).toEqual(['a', 'b', 'c', 'd']);
});

test('with NX_STUDY_FAIL_FAST nothing starts after a failure', async () => {
  const workspace = await create({ one: studyOf([ok('a'), fails('b'), ok('c')]), two: studyOf([ok('d')]) });
  const run = await workspace.measure([], { env: { NX_STUDY_FAIL_FAST: '1' } });
  expect(run).toMatchObject({ exitCode: 1, started: ['a', 'b'] });
  const rest = await workspace.measure();
  expect(rest).toMatchObject({ exitCode: 1, started: ['b', 'c', 'd'] });
});

test('with NX_STUDY_FAIL_FAST no other process of the same run starts anything, and what failed earlier does not count', async () => {
  const workspace = await create({
    one: studyOf([{ label: 'a', ending: 'reported-oom' }]),
    two: studyOf([{ label: 'b', ending: 'reported-oom' }]),
  });
  const run = () => workspace.measure(['--batch=false', '--parallel=1'], { env: { NX_STUDY_FAIL_FAST: '1' } });
  const first = await run();
  expect(first).toMatchObject({ exitCode: 1, started: [expect.stringMatching(/^[ab]$/)] });
  expect((await run()).started).toEqual(first.started[0] === 'a' ? ['b'] : ['a']);
});

test('with NX_STUDY_FAIL_FAST what is refused before anything starts is the first failure', async () => {
  const workspace = await create({
    huge: `cpus: 10000\n${studyOf([ok('a')])}`,
    later: studyOf([ok('b')]),
  });
  const run = await workspace.measure([], { env: { NX_STUDY_FAIL_FAST: '1' } });
  expect(run).toMatchObject({ exitCode: 1, started: [] });
  expect(run.all).toContain('NX_STUDY_FAIL_FAST is set');
});

test('a complete result survives a kill in teardown, and is flagged', async () => {
  const workspace = await create({ slow: studyOf([{ label: 'lingering', linger_s: 60 }]) });
  const running = workspace.startNx(['run-many', '-t', 'measure']);
  const { pid } = await waitFor('the result', () => workspace.starts().find(({ sealed }) => sealed));
  kill(pid, 'SIGKILL');
  expect((await running).exitCode).toBe(0);
  const [record] = workspace.finished('slow');
  expect(record).toMatchObject({ outcome: 'measured', findings: [{ code: 'killed-in-teardown' }] });
});

test('a broken study fails with its message, and the studies beside it run', async () => {
  const workspace = await create({ good: studyOf([ok('a')]), broken: 'worker: scripted\nsweep: {valu: [1]}\n' });
  const shown = await workspace.nx(['show', 'projects']);
  expect(shown.exitCode).toBe(0);
  expect(shown.all.split('\n')).toEqual(expect.arrayContaining(['broken', 'good']));
  const run = await workspace.measure();
  expect(run).toMatchObject({ exitCode: 1, started: ['a'] });
  expect(run.all).toContain('studies/broken/study.yaml');
  expect(run.all).toContain('valu');
  for (const target of ['plan', 'status', 'report', 'measure']) {
    const { exitCode, all } = await workspace.nx(['run', `broken:${target}`]);
    expect(exitCode).toBe(1);
    expect(all).toContain('valu');
    expect(all).not.toMatch(/^ +at .*\.js:\d+/m);
  }
  expect(labels(workspace.finished('good'))).toEqual(['a']);
});
