import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startGuard } from '../../../plugins/nx-study/src/machine/guard.ts';
import { holderLabel } from '../../../plugins/nx-study/src/machine/holder.ts';
import { acquireLock } from '../../../plugins/nx-study/src/machine/lock.ts';
import { readStat } from '../../../plugins/nx-study/src/machine/process.ts';
import { temporaryFolderOf } from '../../../plugins/nx-study/src/machine/temporary.ts';
import { processesWithToken } from '../../../plugins/nx-study/src/machine/tree.ts';
import { LIMIT_MS, runs, startProgram, temporaryFolder, until } from './helpers.ts';

const linux = process.platform === 'linux';

async function superviseAndKill(script: string, ...flags: string[]) {
  const path = join(temporaryFolder(), 'device.lock');
  const token = randomUUID();
  const { child, line } = await startProgram('supervisor', [path, script, token, ...flags]);
  const [, worker, , guard] = line.split(' ').map(Number);
  // The script's own children have started, too.
  if (linux) await until(async () => (await processesWithToken(token)).length >= 2);
  const tree = linux ? await processesWithToken(token) : [worker!];
  expect(tree.every(runs)).toBe(true);
  child.kill('SIGKILL');
  const begin = performance.now();
  const label = await holderLabel({ study: 's', measurement: 's.b', workspace: '/' });
  (await acquireLock(path, { label })).release();
  const elapsedMs = performance.now() - begin;
  expect(tree.filter(runs)).toEqual([]);
  await until(() => !runs(guard!));
  return elapsedMs;
}

test('kill -9 of the supervisor ends the worker and its children, then the lock is free', async () => {
  expect(await superviseAndKill('sleep 61 & sleep 62; true')).toBeLessThan(LIMIT_MS);
});

test('a worker that ignores SIGTERM is killed', async () => {
  expect(await superviseAndKill("trap '' TERM; sleep 61 & while :; do sleep 62; done")).toBeLessThan(LIMIT_MS);
});

test.runIf(linux)('a child that left the group and the session is ended, too', async () => {
  expect(await superviseAndKill('(setsid sleep 61 3>&- &); sleep 62; true')).toBeLessThan(LIMIT_MS);
});

test.runIf(linux)('a worker whose group was never announced is found by its token', async () => {
  expect(await superviseAndKill('sleep 61 & sleep 62; true', '--unannounced')).toBeLessThan(LIMIT_MS);
});

test.runIf(linux)('the guard is outside the process tree and session of its supervisor, and sleeps', async () => {
  const guard = await startGuard();
  onTestFinished(() => guard.close());
  const stat = readStat(guard.pid)!;
  const own = readStat(process.pid)!;
  expect(stat.parent).not.toBe(process.pid);
  expect(stat.session).not.toBe(own.session);
  await until(() => readStat(guard.pid)?.state === 'S');
  const [user, system] = readFileSync(`/proc/${guard.pid}/stat`, 'utf8').split(' ').slice(13, 15);
  expect([user, system]).toEqual(['0', '0']);
});

test('the guard ignores what a terminal and a service manager send', async () => {
  const guard = await startGuard();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const) process.kill(guard.pid, signal);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(runs(guard.pid)).toBe(true);
  await guard.close();
  await until(() => !runs(guard.pid));
});

test('a group that cannot be a worker is refused: 0 and 1 are the machine itself', async () => {
  const guard = await startGuard();
  onTestFinished(() => guard.close());
  for (const group of [0, 1, -5, Number.NaN]) expect(() => guard.watch(group, 'a')).toThrow(/not a process group/);
  for (const token of ['', 'a b', 'a\nrun 1 b']) expect(() => guard.watch(null, token)).toThrow(/not a run token/);
});

test('what is no longer watched is left alone', async () => {
  const worker = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
  onTestFinished(() => void worker.kill('SIGKILL'));
  const guard = await startGuard();
  guard.watch(worker.pid!, 'a');
  guard.unwatch();
  await guard.close();
  expect(runs(worker.pid!)).toBe(true);
});

test('closing the guard ends what is still watched', async () => {
  const worker = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
  const guard = await startGuard();
  guard.watch(worker.pid!, 'a');
  await guard.close();
  expect(runs(worker.pid!)).toBe(false);
});

test('temporary files of what is still watched are removed, and of nothing else', async () => {
  const [watched, other] = [randomUUID(), randomUUID()];
  const folders = [watched, other].map(temporaryFolderOf);
  for (const folder of folders) {
    mkdirSync(join(folder, 'deep'), { recursive: true });
    writeFileSync(join(folder, 'deep/file'), '');
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  }
  const guard = await startGuard();
  guard.watch(null, other);
  guard.watch(null, watched);
  await guard.close();
  expect(folders.map((folder) => existsSync(folder))).toEqual([false, true]);
});

test('a guarded worker gets SIGTERM once, and the time to save', async () => {
  const asked = join(temporaryFolder(), 'asked');
  const script = `trap 'echo x >> "${asked}"; sleep 0.5; echo saved >> "${asked}"; exit' TERM; while :; do sleep 0.02; done`;
  const worker = spawn('sh', ['-c', script], {
    detached: true,
    stdio: 'ignore',
    env: { ...process.env, NX_STUDY_RUN: 'a' },
  });
  await new Promise((resolve) => setTimeout(resolve, 300));
  const guard = await startGuard();
  guard.watch(worker.pid!, 'a');
  await guard.close();
  expect(readFileSync(asked, 'utf8')).toBe('x\nsaved\n');
});

test('the lock stays held until the guard is closed', async () => {
  const path = join(temporaryFolder(), 'device.lock');
  const label = await holderLabel({ study: 's', measurement: 's.a', workspace: '/' });
  const lock = await acquireLock(path, { label });
  const guard = await startGuard({ lockFd: lock.fd });
  lock.release();
  const waiting: string[] = [];
  const second = acquireLock(path, { label, onWait: ({ state }) => void waiting.push(state) });
  await until(() => waiting.length === 1);
  expect(waiting).toEqual(['ending']);
  await guard.close();
  (await second).release();
});

test('a guard that was killed does not take its supervisor along', async () => {
  const guard = await startGuard();
  process.kill(guard.pid, 'SIGKILL');
  await until(() => !runs(guard.pid));
  guard.watch(1_000_000, 'a');
  guard.unwatch();
  await expect(guard.close()).resolves.toBeUndefined();
});
