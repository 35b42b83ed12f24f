import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { finishedDirectory } from '../../plugins/nx-study/src/record/paths.ts';
import { processesOf } from '../helpers/processes.ts';
import { studyOf } from '../helpers/studies.ts';
import { createWorkspace } from '../helpers/workspace.ts';
import type { Workspace } from '../helpers/workspace.ts';

const create = (study: string) => createWorkspace({ workers: ['scripted'], studies: { abc: study } });
const labels = (records: { label: string }[]) => records.map(({ label }) => label).toSorted();

test('a log of a gigabyte is shortened to its begin and end, and told of', async () => {
  const workspace = await create(studyOf([{ label: 'flood', during: 'flood-log', sleep_s: 1 }]));
  expect(await workspace.measure()).toMatchObject({ exitCode: 0 });
  const [record] = workspace.finished('abc');
  expect(record!.findings.map(({ code }) => code)).toContain('log-shortened');
  const log = join(
    finishedDirectory({ workspaceRoot: workspace.root, study: 'abc', id: record!.id }, record!.digest),
    'worker.log',
  );
  expect(statSync(log).size).toBeLessThan(10 << 20);
  expect(readFileSync(log, 'utf8')).toMatch(/… \d+ bytes left out …/);
});

test('a worker that deletes its run directory fails, and the others run', async () => {
  const workspace = await create(studyOf([{ label: 'a', during: 'delete-run', sleep_s: 1 }, { label: 'b' }]));
  const run = await workspace.measure();
  expect(run.exitCode).toBe(1);
  expect(labels(workspace.finished('abc'))).toEqual(['b']);
  const [failed] = workspace.failed('abc');
  expect(failed!.label).toBe('a');
  expect(failed!.failure!.message).toMatch(/run directory/);
  expect(processesOf(workspace.home)).toEqual([]);
});

const mounts = process.getuid?.() === 0 && process.platform === 'linux' && canMount();

test.runIf(mounts)('a full disk and a read-only one: told, nothing lost, and gone on with', async () => {
  const workspace = await create(studyOf([{ label: 'a' }, { label: 'b' }]));
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
  expect(labels(workspace.finished('abc'))).toEqual(['a', 'b']);
});

function mountResults({ root }: Workspace, options: string): void {
  const results = join(root, 'results');
  mkdirSync(results, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', results]);
  onTestFinished(() => void execFileSync('umount', ['-l', results]));
}

const remount = ({ root }: Workspace, options: string) =>
  execFileSync('mount', ['-o', `remount,${options}`, join(root, 'results')]);

function canMount(): boolean {
  try {
    execFileSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
