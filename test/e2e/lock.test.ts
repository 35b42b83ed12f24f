import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isRunning, kill, parentOf, processesOf } from '../helpers/processes.ts';
import { waitFor, waitUntilSaid } from '../helpers/starts.ts';
import type { Start } from '../helpers/starts.ts';
import { studyOf } from '../helpers/studies.ts';
import { cloneWorkspace, createWorkspace } from '../helpers/workspace.ts';
import type { Workspace } from '../helpers/workspace.ts';

const measure = ['run-many', '-t', 'measure'];
const create = (study: string) => createWorkspace({ workers: ['scripted'], studies: { turns: study } });
const overlaps = (starts: Start[]) =>
  starts.filter(({ begin }, index) => index > 0 && begin < (starts[index - 1]!.end ?? Infinity));

test('two runs in one workspace measure everything once, and the second says who holds the device', async () => {
  const workspace = await create(studyOf([{ label: 'a' }, { label: 'b' }, { label: 'c' }]));
  workspace.script({ a: { hold: 'measuring' } });
  const { startNx, starts, root } = workspace;
  const first = startNx(measure);
  await waitFor('the first worker', () => starts()[0]);
  const second = await waitingRun(workspace, workspace);
  expect((await first).exitCode).toBe(0);
  expect(second.exitCode).toBe(0);
  expect(starts().map(({ label }) => label)).toEqual(['a', 'b', 'c']);
  expect(overlaps(starts())).toEqual([]);
  const holder = /waiting: turns · a holds the device since \S+ \(pid (\d+) on \S+, (.+)\)/.exec(second.all);
  expect(Number(holder?.[1])).toBeGreaterThan(1);
  expect(holder?.[2]).toBe(root);
  const reused = second.all.matchAll(/turns (\w): already measured, reused from the records on disk/g);
  expect(new Set([...reused].map(([, label]) => label))).toEqual(new Set(['a', 'b', 'c']));
});

test('runs in two clones take turns, and each measures its own', async () => {
  const workspace = await create(studyOf([{ label: 'a' }, { label: 'b' }]));
  workspace.script({ a: { hold: 'measuring' } });
  const clone = await cloneWorkspace(workspace);
  const first = workspace.startNx(measure);
  await waitFor('the first worker', () => workspace.starts()[0]);
  const second = await waitingRun(workspace, clone);
  expect((await first).exitCode).toBe(0);
  expect(second.exitCode).toBe(0);
  expect(second.all).toContain('waiting: turns · a holds the device');
  // On a slow machine the first one may let the other have the device in between.
  const started = workspace.starts().map(({ label }) => label);
  expect(started.toSorted()).toEqual(['a', 'a', 'b', 'b']);
  expect(overlaps(workspace.starts())).toEqual([]);
});

test('a killed holder frees the device only when its worker is gone', async () => {
  const workspace = await create(studyOf([{ label: 'a' }]));
  workspace.script({ a: { sleep_s: 120, on_sigterm: 'ignore' } });
  const clone = await cloneWorkspace(workspace);
  const first = workspace.startNx(measure);
  const { pid } = await waitFor('the first worker', () => workspace.starts()[0]);
  const second = clone.startNx([...measure, '--outputStyle=stream']);
  await waitUntilSaid(second, 'waiting: ');
  kill(parentOf(pid), 'SIGKILL');
  await waitFor('the second worker', () => workspace.starts()[1]);
  expect(isRunning(pid)).toBe(false);
  expect((await first).exitCode).toBe(1);
  expect((await second).exitCode).toBe(0);
});

test('a run that waits for the device can be stopped, and leaves nothing behind', async () => {
  const workspace = await create(studyOf([{ label: 'a', sleep_s: 120 }]));
  const clone = await cloneWorkspace(workspace);
  const first = workspace.startNx(measure);
  const { pid } = await waitFor('the first worker', () => workspace.starts()[0]);
  const before = new Set(processesOf(workspace.home).map((found) => found.pid));
  const second = clone.startNx([...measure, '--outputStyle=stream']);
  await waitUntilSaid(second, 'waiting: ');
  kill(second.pid!, 'SIGTERM');
  expect((await second).exitCode).toBe(130);
  const left = () => processesOf(workspace.home).filter((found) => !before.has(found.pid));
  await waitFor('the end of its processes', () => left().length === 0, 3);
  expect(isRunning(pid)).toBe(true);
  kill(first.pid!, 'SIGTERM');
  await first;
});

test('a lock that was removed while it was held: nothing is measured twice, and the holder waits for its turn', async () => {
  const workspace = await create(studyOf([{ label: 'a' }, { label: 'b' }, { label: 'c' }]));
  workspace.script({ a: { hold: 'measuring' }, b: { hold: 'measuring' } });
  const { startNx, starts, env } = workspace;
  const first = startNx([...measure, '--outputStyle=stream']);
  await waitFor('the first worker', () => starts()[0]);
  rmSync(join(env['NX_STUDY_LOCK_DIR']!, 'device.lock'));
  const second = startNx([...measure, '--outputStyle=stream']);
  await waitUntilSaid(second, 'waiting: another run measures just this now');
  workspace.script({ b: { hold: 'measuring' } });
  await waitFor('the second worker', () => starts()[1]);
  await waitUntilSaid(first, 'waiting: turns · b holds the device');
  workspace.script({});
  const [one, two] = await Promise.all([first, second]);
  expect([one.exitCode, two.exitCode]).toEqual([0, 0]);
  expect(one.all).toContain('somebody removed or replaced the device lock');
  expect(starts().map(({ label }) => label)).toEqual(['a', 'b', 'c']);
  expect(overlaps(starts())).toEqual([]);
  const lost = workspace
    .finished('turns')
    .filter(({ findings }) => findings.some(({ code }) => code === 'device-lock-lost'));
  expect(lost.map(({ label }) => label)).toEqual(['a']);
});

/** A run of the second workspace; what the first one measures is held until this one waits for it. */
async function waitingRun(first: Workspace, second: Workspace) {
  const running = second.startNx([...measure, '--outputStyle=stream']);
  await waitUntilSaid(running, 'waiting: ');
  first.script({});
  return running;
}
