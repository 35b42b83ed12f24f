import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { isAlive, processIdentity, readStat, readUsage } from '../../../plugins/nx-study/src/machine/process.ts';
import { temporaryFolder, until } from './helpers.ts';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

test('this process is alive, an earlier one with its number or of another boot is not', async () => {
  const self = await processIdentity();
  expect(self).toMatchObject({ pid: process.pid });
  expect(await isAlive(self!)).toBe(true);
  expect(await isAlive({ ...self!, startTime: '1' })).toBe(false);
  expect(await isAlive({ ...self!, bootId: 'another' })).toBe(false);
});

test('a process that ended is not alive', async () => {
  const child = spawn('sleep', ['60']);
  const identity = await processIdentity(child.pid);
  expect(await isAlive(identity!)).toBe(true);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(await isAlive(identity!)).toBe(false);
  expect(await processIdentity(child.pid)).toBeNull();
});

test.runIf(process.platform === 'linux')('a zombie is not alive', async () => {
  // Its parent replaces itself with a program that never asks how the child ended.
  const parent = spawn('sh', ['-c', 'sleep 0.1 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] });
  const [line] = await once(parent.stdout, 'data');
  const pid = Number(String(line));
  await until(() => readStat(pid)?.state === 'Z');
  expect(await processIdentity(pid)).toBeNull();
  parent.kill('SIGKILL');
});

test('a command name with spaces and parentheses does not shift the fields', () => {
  const proc = temporaryFolder();
  mkdirSync(join(proc, '7'));
  const rest = Array.from({ length: 40 }, (_, index) => index + 100);
  writeFileSync(join(proc, '7/stat'), `7 (a) S 1 (b c)) R 5 6 8 ${rest.join(' ')}\n`);
  expect(readStat(7, proc)).toEqual({ pid: 7, state: 'R', parent: 5, group: 6, session: 8, startTicks: '115' });
  expect(readStat(8, proc)).toBeNull();
});

test('numbers without a group, names in any letters, and lines that end early', () => {
  const proc = temporaryFolder();
  for (const pid of [7, 8]) mkdirSync(join(proc, String(pid)));
  const rest = '-1 4194560 1 0 0 0 250 50 1000 200 20 0 1 0 987654321 1000000 321 18446744073709551615 1';
  writeFileSync(join(proc, '7/stat'), `7 (Größe) Z 2 -1 0 34816 ${rest}\n`);
  expect(readUsage(7, proc)).toEqual({
    pid: 7,
    state: 'Z',
    parent: 2,
    group: -1,
    session: 0,
    startTicks: '987654321',
    name: 'Größe',
    cpu_s: 3,
    children_cpu_s: 12,
    resident_pages: 321,
  });
  writeFileSync(join(proc, '8/stat'), '8 (short) S 1 8 8');
  expect(readUsage(8, proc)).toMatchObject({ session: 8, resident_pages: Number.NaN });
});
