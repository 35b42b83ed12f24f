import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, onTestFinished, test, vi } from 'vitest';
import { describeHolder } from '../../../plugins/nx-study/src/machine/texts.ts';
import { holderLabel, type Holder } from '../../../plugins/nx-study/src/machine/holder.ts';
import { acquireLock, deviceLockPath, type HeldLock } from '../../../plugins/nx-study/src/machine/lock.ts';
import { childrenOf, LIMIT_MS, runs, startProgram, temporaryFolder, until } from './helpers.ts';

const label = (measurement = 'second.b-00000000') =>
  holderLabel({ study: 'second', measurement, workspace: '/elsewhere' });

async function acquire(path: string, signal?: AbortSignal): Promise<{ lock: Promise<HeldLock>; seen: Holder[] }> {
  const seen: Holder[] = [];
  const onWait = (holder: Holder) => void seen.push(holder);
  const lock = acquireLock(path, { label: await label(), onWait, lookEveryMs: 50, ...(signal ? { signal } : {}) });
  lock.then(
    (held) => onTestFinished(() => held.release()),
    () => {},
  );
  return { lock, seen };
}

test('a free lock is taken, and its folder and file are open to all users', async () => {
  const path = join(temporaryFolder(), 'locks', 'device.lock');
  const { lock, seen } = await acquire(path);
  (await lock).release();
  expect(seen).toEqual([]);
  expect(statSync(path).mode & 0o777).toBe(0o666);
  expect(statSync(join(path, '..')).mode & 0o7777).toBe(0o1777);
});

test('the second of one process waits, learns who holds the lock and when that changes', async () => {
  const path = join(temporaryFolder(), 'device.lock');
  const first = await (await acquire(path)).lock;
  const { lock, seen } = await acquire(path);
  await until(() => seen.length === 1);
  first.relabel(await label('second.c-00000000'));
  await until(() => seen.length === 2);
  first.release();
  (await lock).relabel(await label());
  expect(seen.slice(0, 2).map(({ state, label: it }) => [state, it?.measurement])).toEqual([
    ['measuring', 'second.b-00000000'],
    ['measuring', 'second.c-00000000'],
  ]);
  expect(describeHolder(seen[1]!)).toMatch(
    /^second · second\.c-00000000 holds the device since 20.*pid \d+.*\/elsewhere/,
  );
});

test('three that wait get it one after another', async () => {
  const path = join(temporaryFolder(), 'device.lock');
  let holders = 0;
  const turns = await Promise.all(
    [1, 2, 3].map(async () => {
      const held = await (await acquire(path)).lock;
      holders += 1;
      const most = holders;
      await new Promise((resolve) => setTimeout(resolve, 50));
      holders -= 1;
      held.release();
      return most;
    }),
  );
  expect(turns).toEqual([1, 1, 1]);
});

test('who takes it learns who had it before, and whether that one let go', async () => {
  const path = join(temporaryFolder(), 'device.lock');
  const { child } = await startProgram('hold', [path]);
  child.kill('SIGKILL');
  const second = await (await acquire(path)).lock;
  expect(second.previous).toMatchObject({ study: 'first', pid: child.pid });
  expect(second.previous).not.toHaveProperty('released');
  second.release();
  expect((await (await acquire(path)).lock).previous).toMatchObject({ study: 'second', released: expect.any(String) });
  expect((await (await acquire(join(path, '../other.lock'))).lock).previous).toBeNull();
});

test('killing the holder frees the lock only when the child that inherited it has ended', async () => {
  const path = join(temporaryFolder(), 'device.lock');
  const { child, line } = await startProgram('hold', [path, '--child']);
  const { lock, seen } = await acquire(path);
  const settled = vi.fn<() => void>();
  lock.finally(settled).catch(() => {});
  await until(() => seen.at(-1)?.state === 'measuring');
  child.kill('SIGKILL');
  await until(() => seen.at(-1)?.state === 'ending');
  expect(describeHolder(seen.at(-1)!)).toMatch(
    /^first · first\.a-0{8} has ended or was killed .* tree is still ending$/,
  );
  expect(settled).not.toHaveBeenCalled();
  process.kill(Number(line.split(' ')[1]), 'SIGKILL');
  (await lock).release();
});

test('an aborted waiter gives up at once, and leaves no process and no claim', async () => {
  const path = join(temporaryFolder(), 'device.lock');
  const first = await (await acquire(path)).lock;
  const before = childrenOf(process.pid);
  const controller = new AbortController();
  const { lock, seen } = await acquire(path, controller.signal);
  await until(() => seen.length === 1);
  const begin = performance.now();
  controller.abort();
  await expect(lock).rejects.toThrow(/abort/i);
  expect(performance.now() - begin).toBeLessThan(LIMIT_MS);
  await until(() => childrenOf(process.pid).every((pid) => before.includes(pid)));
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ pid: process.pid });
  first.release();
  (await (await acquire(path)).lock).release();
});

test('a killed waiter leaves nothing that waits on', async () => {
  const path = join(temporaryFolder(), 'device.lock');
  await (
    await acquire(path)
  ).lock;
  const waiter = spawn(
    process.execPath,
    ['--import', '@swc-node/register/esm-register', join(import.meta.dirname, 'programs/hold.ts'), path],
    { cwd: join(import.meta.dirname, '../../..'), stdio: ['pipe', 'ignore', 'inherit'] },
  );
  const locker = () => childrenOf(waiter.pid!)[0];
  await until(() => locker() !== undefined && childrenOf(locker()!).length === 2);
  const tree = [locker()!, ...childrenOf(locker()!)];
  waiter.kill('SIGKILL');
  await once(waiter, 'exit');
  await until(() => !tree.some(runs));
  expect(tree).toHaveLength(3);
});

test('without flock(1), perl takes part in the same lock', async () => {
  const path = join(temporaryFolder(), 'device.lock');
  const programs = temporaryFolder();
  const needed = process.platform === 'linux' ? ['sh', 'perl'] : ['sh', 'perl', 'ps', 'sysctl'];
  for (const name of needed) symlinkSync(which(name), join(programs, name));
  const env = { ...process.env, PATH: programs };
  const first = await (await acquire(path)).lock;
  const starting = startProgram('hold', [path], env);
  await until(() =>
    childrenOf(process.pid)
      .flatMap(childrenOf)
      .some((pid) => childrenOf(pid).length === 2),
  );
  first.release();
  const { child, line } = await starting;
  expect(line).toBe('held ');
  const { lock, seen } = await acquire(path);
  await until(() => seen.length === 1);
  expect(seen[0]).toMatchObject({ state: 'measuring', label: { pid: child.pid } });
  child.stdin?.end();
  await lock;
});

const which = (name: string) =>
  execFileSync('/bin/sh', ['-c', 'command -v "$1"', 'sh', name], { encoding: 'utf8' }).trim();

test('a lock file that was cleaned away meanwhile is not mistaken for the lock', async () => {
  const path = join(temporaryFolder(), 'device.lock');
  const first = await (await acquire(path)).lock;
  const { lock, seen } = await acquire(path);
  await until(() => seen.length === 1);
  rmSync(path);
  const successor = await (await acquire(path)).lock;
  first.release();
  const settled = vi.fn<() => void>();
  lock.finally(settled).catch(() => {});
  await until(() => seen.length > 1);
  expect(settled).not.toHaveBeenCalled();
  successor.release();
  await lock;
});

test('a lock that cannot be made is explained', async () => {
  const path = join(temporaryFolder(), 'file', 'device.lock');
  const { lock } = await acquire(join(path, '..'));
  await lock;
  await expect((await acquire(path)).lock).rejects.toThrow(/device lock .* cannot be opened: .*NX_STUDY_LOCK_DIR/);
  const ofCache = acquireLock(path, { label: await label(), forAllUsers: false });
  await expect(ofCache).rejects.toThrow(/^(?!.*device lock \/).* cannot be opened: .*NX_STUDY_CACHE_DIR/s);
  // From another folder it would be another lock.
  await expect((await acquire('locks/device.lock')).lock).rejects.toThrow('locks is a relative path');
  expect(existsSync('locks')).toBe(false);
});

test('the device lock is host-wide, and can be moved', () => {
  vi.stubEnv('NX_STUDY_LOCK_DIR', '');
  vi.stubEnv('TMPDIR', '/elsewhere');
  vi.stubEnv('XDG_RUNTIME_DIR', '/elsewhere');
  expect(deviceLockPath()).toMatch(/^(\/run\/lock|\/tmp|\/private\/tmp)\/nx-study-device\.lock$/);
  vi.stubEnv('NX_STUDY_LOCK_DIR', '/locks');
  expect(deviceLockPath()).toBe('/locks/device.lock');
  vi.unstubAllEnvs();
});

test('a holder can tell that the file was removed, or replaced', async () => {
  const path = join(temporaryFolder(), 'device.lock');
  const first = await (await acquire(path)).lock;
  expect(first.isStillHeld()).toBe(true);
  rmSync(path);
  expect(first.isStillHeld()).toBe(false);
  const second = await (await acquire(path)).lock;
  expect([first.isStillHeld(), second.isStillHeld()]).toEqual([false, true]);
  second.release();
  expect(second.isStillHeld()).toBe(false);
});

const inTheWay: [string, RegExp, (path: string, folder: string) => void][] = [
  ['a FIFO', /device\.lock is a FIFO/, (path) => execFileSync('mkfifo', [path])],
  ['a link', /device\.lock is a link/, (path, folder) => symlinkSync(join(folder, 'precious'), path)],
  ['a link to nothing', /device\.lock is a link/, (path, folder) => symlinkSync(join(folder, 'nothing'), path)],
  ['a second name', /device\.lock .*hard links/, (path, folder) => linkSync(join(folder, 'precious'), path)],
  ['a folder', /device\.lock is a folder/, (path) => mkdirSync(path)],
];

test.each(inTheWay)('in its place lies %s: told at once, and nothing is written through it', async (_, told, make) => {
  const folder = temporaryFolder();
  const path = join(folder, 'lock', 'device.lock');
  mkdirSync(join(folder, 'lock'));
  writeFileSync(join(folder, 'precious'), 'precious');
  make(path, folder);
  await expect((await acquire(path)).lock).rejects.toThrow(told);
  expect(readFileSync(join(folder, 'precious'), 'utf8')).toBe('precious');
  expect(readdirSync(folder).toSorted()).toEqual(['lock', 'precious']);
});

test('a label that can not be written costs nothing', async () => {
  const path = join(temporaryFolder(), 'device.lock');
  const program = join(import.meta.dirname, 'programs/hold.ts');
  const node = `ulimit -f 0; exec "$0" --import @swc-node/register/esm-register "$@"`;
  const { exitCode, stdout } = await execa('sh', ['-c', node, process.execPath, program, path], { input: '' });
  expect([exitCode, stdout]).toEqual([0, 'held ']);
});
