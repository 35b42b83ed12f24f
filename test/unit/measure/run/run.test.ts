import { closeSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { holderLabel } from '../../../../plugins/nx-study/src/machine/holder.ts';
import { acquireLock, deviceLockPath } from '../../../../plugins/nx-study/src/machine/lock.ts';
import { runTasks } from '../../../../plugins/nx-study/src/measure/run/run.ts';
import { actsOf } from '../workspace.ts';
import type { Acts } from '../workspace.ts';

/** Runs all tasks; returns the act and the outcome of each, in their order. */
async function run(acts: Acts, tasks = acts.tasks) {
  const outcomes = [];
  for await (const { task, success, status, text } of runTasks(acts.root, tasks, { isPrintedByNx: () => true }))
    outcomes.push({ act: task.configuration['act'], success, ...(status && { status }), text });
  return outcomes;
}

test('all tasks are measured in their order; a failure ends nothing but itself', async () => {
  const acts = await actsOf(['crash', 'measure', 'measure-again']);
  expect(await run(acts)).toMatchObject([
    { act: 'crash', success: false, text: expect.stringContaining('exit code 3') },
    { act: 'measure', success: true, text: expect.stringContaining('measured in') },
    { act: 'measure-again', success: true },
  ]);
  expect(await acts.starts()).toEqual(['crash', 'measure', 'measure-again']);
  const [first, ...others] = acts.journal();
  expect(first).toMatchObject({ event: 'batch', tasks: 3 });
  expect(others.at(-1)).toMatchObject({ event: 'batch-ended', left: 0 });
  expect(others.filter(({ event }) => event === 'derived')).toHaveLength(2);
});

test('what is measured is not measured again, and what failed is', async () => {
  const acts = await actsOf(['crash', 'measure']);
  await run(acts);
  expect(await run(acts)).toMatchObject([
    { act: 'measure', success: true },
    { act: 'crash', success: false },
  ]);
  expect(await acts.starts()).toEqual(['crash', 'measure', 'crash']);
});

test('the same failure so many times in a row stops the study', async () => {
  const acts = await actsOf(['crash', 'crash-again', 'measure', 'crash-once-more'], {
    execution: { stop_after: { same_failure: 2 } },
  });
  expect(await run(acts)).toMatchObject([
    { act: 'crash', success: false },
    { act: 'crash-again', success: false },
    { act: 'measure', success: false, status: 'skipped' },
    { act: 'crash-once-more', success: false, status: 'skipped' },
  ]);
  expect(await acts.starts()).toEqual(['crash', 'crash-again']);
  expect(acts.journal().filter(({ event }) => event === 'stopped')).not.toEqual([]);
});

test('a failure is tried again at once, as often as the study says', async () => {
  const acts = await actsOf(['crash', 'measure'], { execution: { retry: { times: 2 } } });
  expect(await run(acts)).toMatchObject([
    { act: 'crash', success: false },
    { act: 'measure', success: true },
  ]);
  expect(await acts.starts()).toEqual(['crash', 'crash', 'crash', 'measure']);
  expect(await acts.failed('crash')).toHaveLength(3);
});

test('a lock that is removed before a start is taken again, and nothing is measured twice', async () => {
  const acts = await actsOf(['measure', 'measure-again']);
  const tasks = runTasks(acts.root, acts.tasks, { isPrintedByNx: () => true });
  expect((await tasks.next()).value).toMatchObject({ success: true });
  rmSync(deviceLockPath());
  expect((await tasks.next()).value).toMatchObject({ success: true });
  expect((await tasks.next()).done).toBe(true);
  expect(await acts.starts()).toEqual(['measure', 'measure-again']);
});

test('a result of another run, which had the device meanwhile, counts', async () => {
  const acts = await actsOf(['measure']);
  const label = await holderLabel({ study: 'other', measurement: 'x', workspace: '/' });
  const lock = await acquireLock(deviceLockPath(), { label });
  const waiting = run(acts);
  await vi.waitFor(() => expect(acts.journal().map(({ event }) => event)).toContain('waiting'), 20_000);
  // Another run has its own lock here, so that it need not wait.
  vi.stubEnv('NX_STUDY_LOCK_DIR', join(acts.root, 'other-lock'));
  expect(await run(acts)).toMatchObject([{ success: true }]);
  closeSync(lock.fd);
  expect(await waiting).toMatchObject([{ act: 'measure', success: true }]);
  expect(await acts.starts()).toEqual(['measure']);
});
