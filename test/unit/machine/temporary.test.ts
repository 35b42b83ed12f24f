import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { ownIdentity, processIdentity } from '../../../plugins/nx-study/src/machine/process.ts';
import { newToken, sweepTemporary, temporaryFolderOf } from '../../../plugins/nx-study/src/machine/temporary.ts';
import { startProgram, temporaryFolder } from './helpers.ts';

let folder: string;

beforeEach(() => {
  folder = temporaryFolder();
  vi.stubEnv('TMPDIR', folder);
  return () => void vi.unstubAllEnvs();
});

/** A temporary folder as a process of that number makes it, which began at another time than whoever has it now. */
function leftBy(pid: number, change = (token: string) => token): string {
  const [, place, random] = newToken().split('-') as [string, string, string];
  const path = temporaryFolderOf(change(`${pid.toString(36)}-${place.slice(0, 4)}000000-${random}`));
  mkdirSync(join(path, 'deep'), { recursive: true });
  writeFileSync(join(path, 'deep/file'), '');
  return path;
}

test('this process is known at once as it is known later', async () => {
  expect(ownIdentity()).toEqual(await processIdentity());
});

test('folders whose supervisor is gone are swept; those of a living one, and all others, are not', async () => {
  const alive = temporaryFolderOf(newToken());
  mkdirSync(alive);
  const gone = leftBy(2 ** 22 + 1);
  const numberReused = leftBy(process.pid);
  const elsewhere = leftBy(2 ** 22 + 1, (token) => token.replace(/-..../, '-zzzz'));
  const otherPlace = leftBy(2 ** 22 + 1, (token) => token.replace(/-(....)/, (_, place: string) => `-${flip(place)}`));
  const foreign = ['nx-study-test-abc', 'nx-study-0123456789abcdef', 'nx-study', 'other'].map((it) => join(folder, it));
  for (const path of foreign) mkdirSync(path);
  writeFileSync(join(folder, `${basename(gone).slice(0, -6)}abcdef`), 'a file');
  expect((await sweepTemporary()).toSorted()).toEqual([gone, numberReused].toSorted());
  for (const path of [gone, numberReused]) expect(existsSync(path)).toBe(false);
  for (const path of [alive, elsewhere, otherPlace, ...foreign]) expect(existsSync(path)).toBe(true);
});

const flip = (digits: string) => digits.replaceAll(/./g, (digit) => (Number.parseInt(digit, 16) ^ 1).toString(16));

test('what a link leads to is never swept', async () => {
  const precious = temporaryFolder();
  writeFileSync(join(precious, 'file'), '');
  const gone = leftBy(2 ** 22 + 1);
  symlinkSync(precious, join(gone, 'link'));
  const asFolder = leftBy(2 ** 22 + 2);
  await sweepTemporary();
  symlinkSync(precious, asFolder);
  expect(await sweepTemporary()).toEqual([]);
  expect(readdirSync(precious)).toEqual(['file']);
});

test.runIf(process.getuid?.() === 0)('those of another user are left alone', async () => {
  const gone = leftBy(2 ** 22 + 1);
  chownSync(gone, 65_534, 65_534);
  expect(await sweepTemporary()).toEqual([]);
});

test('one whose worker still runs is left until that has ended', async () => {
  const gone = leftBy(2 ** 22 + 1);
  const token = basename(gone).slice('nx-study-'.length);
  const worker = spawn('sleep', ['60'], { env: { ...process.env, NX_STUDY_RUN: token }, stdio: 'ignore' });
  await once(worker, 'spawn');
  onTestFinished(() => void worker.kill('SIGKILL'));
  const sweep = async () => (await startProgram('sweep', [])).line;
  expect(await sweep()).toBe('[]');
  worker.kill('SIGKILL');
  await once(worker, 'exit');
  expect(await sweep()).toBe(JSON.stringify([gone]));
});
