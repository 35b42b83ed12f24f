import { expect, test } from 'vitest';
import { processesOf } from '../helpers/processes.ts';
import { studyOf } from '../helpers/studies.ts';
import { createWorkspace } from '../helpers/workspace.ts';
import type { Workspace } from '../helpers/workspace.ts';

const create = (studies: Record<string, string>) => createWorkspace({ workers: ['scripted'], studies });
const failureOf = ({ failed }: Workspace, study: string, label: string) =>
  failed(study).find((record) => record.label === label)!.failure!;

test('one that stays in a phase for too long is ended; one that takes longer than the longest silence, and talks, is not', async () => {
  const workspace = await create({
    talks: studyOf([{ label: 'talks', sleep_s: 3 }], 'execution: {stalled_s: 2}\n'),
    phase: studyOf(
      [{ label: 'stays', during: 'heartbeats', sleep_s: 60 }],
      'execution: {phase_timeout_s: {loading: 5, measuring: 2}}\n',
    ),
  });
  const { exitCode } = await workspace.measure();
  expect(exitCode).toBe(1);
  expect(workspace.finished('talks').map(({ label }) => label)).toEqual(['talks']);
  expect(failureOf(workspace, 'phase', 'stays')).toMatchObject({
    type: 'timeout',
    message: 'took longer than 2 s in phase "measuring"',
  });
  expect(processesOf(workspace.home)).toEqual([]);
});

test('one that eats memory is killed at its limit, settled as oom, and the rest runs', async () => {
  const eater = { label: 'eater', during: 'eat-memory', sleep_s: 60 };
  const workspace = await create({
    eating: studyOf([eater, { label: 'modest' }], `execution: {memory_limit_bytes: ${400 * 2 ** 20}}\n`),
  });
  const run = await workspace.measure();
  expect(run).toMatchObject({ exitCode: 1, started: ['eater', 'modest'] });
  const failure = failureOf(workspace, 'eating', 'eater');
  expect(failure).toMatchObject({ type: 'oom', phase: 'measuring' });
  // By the kernel where control groups can be made, else by looking.
  expect(failure.message).toMatch(/limit of 0\.39 GiB/);
  expect(processesOf(workspace.home)).toEqual([]);
  expect(await workspace.measure()).toMatchObject({ exitCode: 1, started: [] });
});

test('a budget that is used up leaves the rest pending, and says so', async () => {
  const workspace = await create({
    night: studyOf([{ label: 'a', sleep_s: 2 }, { label: 'b' }, { label: 'c' }], 'execution: {budget_s: 1}\n'),
    free: studyOf([{ label: 'd' }]),
  });
  const run = await workspace.measure();
  expect(run.started).toEqual(['d']);
  expect(run.all).toContain(
    'it would not end within the budget of 1.0 s for one run of the study. It stays pending for the next run',
  );
  expect(workspace.failed('night')).toEqual([]);
});
