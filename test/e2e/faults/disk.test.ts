import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { canMount } from '../../helpers/mounts.ts';
import { studyOf } from '../../helpers/studies.ts';
import { createWorkspace } from '../../helpers/workspace.ts';
import type { Workspace } from '../../helpers/workspace.ts';
import { tableOf } from './table.ts';

const mounts = canMount();

test.runIf(mounts)('a full disk and a read-only one: told, nothing lost, and gone on with', async () => {
  const create = () =>
    createWorkspace({ workers: ['scripted'], studies: { abc: studyOf([{ label: 'a' }, { label: 'b' }]) } });
  const workspace = await create();
  mountResults(workspace, 'size=12k');
  const full = await workspace.measure();
  expect(full.exitCode).toBe(1);
  expect(full.all).toMatch(/no space left/);
  remount(workspace, 'size=64m,ro');
  const closed = await workspace.measure();
  expect(closed.exitCode).toBe(1);
  expect(closed.all).toMatch(/can't be written \(EROFS\)/);
  remount(workspace, 'rw');
  expect(await workspace.measure()).toMatchObject({ exitCode: 0 });

  const undisturbed = await create();
  await undisturbed.measure();
  expect(await tableOf(workspace, 'abc')).toEqual(await tableOf(undisturbed, 'abc'));
});

test('what stands in the place of our files is told with its name, and is no dead supervisor', async () => {
  const workspace = await createWorkspace({ workers: ['scripted'], studies: { abc: studyOf([{ label: 'a' }]) } });
  const results = join(workspace.root, 'results/abc');
  mkdirSync(results, { recursive: true });
  execFileSync('mkfifo', [join(results, 'journal.jsonl')]);
  writeFileSync(join(results, 'report'), 'a file');
  const run = await workspace.measure(['--outputStyle=stream']);
  expect(run.exitCode).toBe(0);
  expect(run.all).toMatch(/abc: its journal can't be kept.*results\/abc\/journal\.jsonl is a FIFO/);
  const status = await workspace.nx(['run', 'abc:status']);
  expect(status.all).toMatch(/1 of 1 measured/);
  expect(status.all).not.toContain('supervisor');
  const report = await workspace.command(['abc:report']);
  expect(report.exitCode).toBe(1);
  expect(report.all).toMatch(/results\/abc\/report can't be written \(EEXIST\): something else stands in its place/);
});

function mountResults({ root }: Workspace, options: string): void {
  const results = join(root, 'results');
  mkdirSync(results, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', results]);
  onTestFinished(() => void execFileSync('umount', ['-l', results]));
}

const remount = ({ root }: Workspace, options: string) =>
  execFileSync('mount', ['-o', `remount,${options}`, join(root, 'results')]);
