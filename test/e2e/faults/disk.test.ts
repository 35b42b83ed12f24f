import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
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

function mountResults({ root }: Workspace, options: string): void {
  const results = join(root, 'results');
  mkdirSync(results, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', results]);
  onTestFinished(() => void execFileSync('umount', ['-l', results]));
}

const remount = ({ root }: Workspace, options: string) =>
  execFileSync('mount', ['-o', `remount,${options}`, join(root, 'results')]);
