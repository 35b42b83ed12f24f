import { mkdir, mkdtemp, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { hashFile, openContents } from '../../../plugins/nx-study/src/graph/content.ts';

let root: string;
const memory = () => join(root, '.nx/workspace-data/nx-study/content-hashes.json');

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'nx-study-content-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
});

const sha256 = (content: string | Buffer) => createHash('sha256').update(content).digest('hex');

it('hashes small and large files alike', async () => {
  const large = Buffer.alloc((4 << 20) + 3, 'x');
  await writeFile(join(root, 'small'), 'abc');
  await writeFile(join(root, 'large'), large);
  expect(await hashFile(join(root, 'small'))).toBe(sha256('abc'));
  expect(await hashFile(join(root, 'large'))).toBe(sha256(large));
});

it('has no hash for what is not a file', async () => {
  await mkdir(join(root, 'folder'));
  const contents = await openContents(root);
  expect(await contents.file(join(root, 'folder'))).toBeNull();
  expect(await contents.file(join(root, 'nowhere'))).toBeNull();
});

it('does not remember a young file, and remembers one that has been left alone', async () => {
  const file = join(root, 'data');
  await writeFile(file, 'one');
  const young = await openContents(root);
  await young.file(file);
  await young.save();
  await expect(readFile(memory(), 'utf8')).rejects.toThrow('ENOENT');

  await sleep(2100);
  const old = await openContents(root);
  await old.file(file);
  await old.save();
  expect(JSON.parse(await readFile(memory(), 'utf8'))).toMatchObject({ data: { sha256: sha256('one') } });
});

it('fails nothing when it can not be remembered', async () => {
  const file = join(root, 'data');
  await writeFile(file, 'one');
  await writeFile(join(root, '.nx'), 'a file where a folder should be');
  await sleep(2100);
  const contents = await openContents(root);
  expect(await contents.file(file)).toBe(sha256('one'));
  await expect(contents.save()).resolves.toBeUndefined();
});

it('sees a change of the same size with its old time put back, for a change has its own time', async () => {
  const file = join(root, 'data');
  await writeFile(file, 'one');
  await sleep(2100);
  const { atime, mtime } = await stat(file);
  expect(await (await openContents(root)).file(file)).toBe(sha256('one'));
  await writeFile(file, 'two');
  await utimes(file, atime, mtime);
  expect(await (await openContents(root)).file(file)).toBe(sha256('two'));
});

it('sees another file put in its place', async () => {
  const file = join(root, 'data');
  await writeFile(file, 'one');
  await writeFile(join(root, 'other'), 'two');
  await sleep(2100);
  expect(await (await openContents(root)).file(file)).toBe(sha256('one'));
  await rename(join(root, 'other'), file);
  expect(await (await openContents(root)).file(file)).toBe(sha256('two'));
});

it('matches globs below a folder, with paths relative to it, and follows no links', async () => {
  await mkdir(join(root, 'worker/src'), { recursive: true });
  await writeFile(join(root, 'worker/src/a.py'), 'a');
  await writeFile(join(root, 'worker/src/b.txt'), 'b');
  await writeFile(join(root, 'kit.py'), 'k');
  const contents = await openContents(root);
  expect(await contents.glob(join(root, 'worker'), ['src/**/*.py', '../kit.py'])).toEqual({
    'src/a.py': sha256('a'),
    '../kit.py': sha256('k'),
  });
});
