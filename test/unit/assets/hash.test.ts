import {
  chmodSync,
  cpSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, expect, test, vi } from 'vitest';
import { hashPath } from '../../../plugins/nx-study/src/assets/hash.ts';
import { openHashes } from '../../../plugins/nx-study/src/assets/hashes.ts';
import { isUnchanged, readyAsset } from '../../../plugins/nx-study/src/assets/ready.ts';
import { isRewritten, stampKey, stampOf } from '../../../plugins/nx-study/src/assets/stamp.ts';
import { openAssets } from '../../../plugins/nx-study/src/assets/view.ts';
import { sharedFolder } from '../machine/helpers.ts';
import { sha256, write } from './workspace.ts';

// Most of them wait until a file is old enough to be remembered, so they run at the same time and share one memory.
const shared = sharedFolder();
vi.stubEnv('NX_STUDY_CACHE_DIR', join(shared, 'cache'));
afterAll(() => void vi.unstubAllEnvs());
// They share one lock, too.
vi.setConfig({ testTimeout: 120_000 });
/** Whether a line says that hashing begins, and not how far it is: on a slow machine it says that as well. */
const begins = (line: string) => !line.endsWith('/s');
const newFolder = () => mkdtempSync(join(shared, 'test-'));

const remembered = async (path: string) => (await openHashes()).of((await stampOf(path))!);

function model(): string {
  const folder = join(newFolder(), 'model');
  write(join(folder, 'config.json'), '{}');
  write(join(folder, 'weights/one.bin'), 'one');
  return folder;
}

test.concurrent('a file is hashed once, and again only when it changed', async () => {
  const path = join(model(), 'config.json');
  const lines: string[] = [];
  const listening = { onProgress: (line: string) => void (begins(line) && lines.push(line)) };
  expect(await remembered(path)).toBe(null);
  expect((await hashPath(path, listening)).sha256).toBe(sha256('{}'));
  expect(lines).toEqual([`hashing ${path} (2 B), once`]);
  expect(await remembered(path)).toBe(sha256('{}'));
  await hashPath(path, listening);
  expect(lines).toHaveLength(1);
  // The same size, and its old time put back: a change has a time of its own.
  const before = new Date(Date.now() - 60_000);
  writeFileSync(path, '[]');
  utimesSync(path, before, before);
  expect(await remembered(path)).toBe(null);
  expect((await hashPath(path, listening)).sha256).toBe(sha256('[]'));
});

test.concurrent('the hash of a folder tells of each name and content, not of its place, hidden files or links', async () => {
  const folder = model();
  const hash = async () => (await hashPath(folder, {})).sha256;
  const first = await hash();
  write(join(folder, '.cache/lock'), 'x');
  expect(await hash()).toBe(first);
  const elsewhere = join(folder, '../elsewhere');
  renameSync(folder, elsewhere);
  expect((await hashPath(elsewhere, {})).sha256).toBe(first);
  renameSync(elsewhere, folder);
  // Model caches link to their blobs.
  const blob = join(folder, '../blob');
  write(blob, 'one');
  rmSync(join(folder, 'weights/one.bin'));
  symlinkSync(blob, join(folder, 'weights/one.bin'));
  expect(await hash()).toBe(first);
  write(blob, 'two');
  expect(await hash()).not.toBe(first);
  write(blob, 'one');
  renameSync(join(folder, 'weights/one.bin'), join(folder, 'weights/two.bin'));
  expect(await hash()).not.toBe(first);
});

test.concurrent('the first part of a model in several files stands for all of them', async () => {
  const folder = newFolder();
  const [first, second] = ['m-00001-of-00002.gguf', 'm-00002-of-00002.gguf'].map((name) => join(folder, name));
  write(first!, 'one');
  await expect(hashPath(first!, {})).rejects.toThrow(
    `${first} is the first part of a model, and m-00002-of-00002.gguf`,
  );
  write(second!, 'two');
  const asset = await readyAsset('/', first!, {});
  expect(asset).toMatchObject({ path: first, bytes: 6, sha256: (await hashPath(folder, {})).sha256 });
  write(second!, 'new');
  expect(await isUnchanged(asset)).toBe(false);
  expect((await hashPath(first!, {})).sha256).not.toBe(asset.sha256);
  const only = join(folder, 'n-00001-of-00001.gguf');
  write(only, 'n');
  expect((await hashPath(only, {})).sha256).toBe(sha256('n'));
});

test.concurrent('a part of a folder that is known is not read again', async () => {
  const folder = model();
  await hashPath(folder, {});
  write(join(folder, 'weights/two.bin'), 'two');
  const lines: string[] = [];
  await hashPath(folder, { onProgress: (line) => void (begins(line) && lines.push(line)) });
  expect(lines).toEqual([`hashing ${folder} (3 B), once`]);
});

const remembers = (folder: string) =>
  Object.keys(
    JSON.parse(readFileSync(join(process.env['NX_STUDY_CACHE_DIR']!, 'assets/hashes.json'), 'utf8')) as object,
  ).filter((path) => path.startsWith(folder));

test.concurrent('files that are gone are forgotten', async () => {
  const folder = model();
  await hashPath(folder, {});
  expect(remembers(folder)).toHaveLength(2);
  rmSync(join(folder, 'weights/one.bin'));
  write(join(folder, 'weights/two.bin'), 'two');
  await hashPath(folder, {});
  expect(remembers(folder)).toEqual(['config.json', 'weights/two.bin'].map((path) => join(folder, path)));
});

test.concurrent('of a folder whose hashing fails, what was read is kept', async () => {
  const folder = model();
  const onProgress = () => rmSync(join(folder, 'weights/one.bin'), { force: true });
  await expect(hashPath(folder, { onProgress })).rejects.toThrow('one.bin');
  expect(remembers(folder)).toEqual([join(folder, 'config.json')]);
});

test.concurrent('processes that hash at the same time all keep what they found', async () => {
  const folder = newFolder();
  const shares = ['a', 'b', 'c'].map((name) => [...Array(8).keys()].map((index) => join(folder, `${name}${index}`)));
  for (const path of shares.flat()) write(path, path);
  const program = join(import.meta.dirname, 'programs/hash.ts');
  const cwd = join(import.meta.dirname, '../../..');
  const running = shares.map((paths) =>
    execa(process.execPath, ['--import', '@swc-node/register/esm-register', program, ...paths], { cwd }),
  );
  await Promise.all(running.map(({ stdout }) => once(stdout, 'data')));
  for (const { stdin } of running) stdin.end();
  await Promise.all(running);
  expect(remembers(folder).toSorted()).toEqual(shares.flat());
});

test.concurrent('what can be no asset is refused', async () => {
  const folder = newFolder();
  await expect(stampOf(folder)).rejects.toThrow(`${folder} holds no file`);
  symlinkSync(model(), join(folder, 'inner'));
  await expect(stampOf(folder)).rejects.toThrow(`${folder}/inner is a link to a folder`);
  rmSync(join(folder, 'inner'));
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  await expect(stampOf(folder)).rejects.toThrow('pipe is neither a file nor a folder');
  expect(await stampOf(join(folder, 'pipe')).catch(String)).toContain('neither a file nor a folder');
  expect(await stampOf(join(folder, 'nothing'))).toBe(null);
  rmSync(join(folder, 'pipe'));
  mkdirSync(join(folder, 'many'));
  write(join(folder, 'many/0'), '');
  for (let index = 1; index <= 10_000; index++) linkSync(join(folder, 'many/0'), join(folder, `many/${index}`));
  await expect(stampOf(folder)).rejects.toThrow(/holds more than 10,000 files/);
});

test.concurrent('a path that is gone, and one that changes, are told', async () => {
  const folder = model();
  const asset = await readyAsset('/nowhere', folder, {});
  expect(asset).toMatchObject({ name: null, licence: null, bytes: 5, path: folder });
  expect(await isUnchanged(asset)).toBe(true);
  write(join(folder, 'weights/one.bin'), 'new');
  expect(await isUnchanged(asset)).toBe(false);
  rmSync(folder, { recursive: true });
  expect(await isUnchanged(asset)).toBe(false);
  await expect(readyAsset('/nowhere', folder, {})).rejects.toThrow(`the asset ${folder} is not there any more`);
});

/** What tools do to a file without a change of its contents; each moves its stamp. */
const harmless: [string, (path: string) => void][] = [
  ['a hard link was made and removed', (path) => (linkSync(path, `${path}.link`), rmSync(`${path}.link`))],
  ['its rights were changed', (path) => chmodSync(path, 0o600)],
  ['it was touched', (path) => utimesSync(path, 1, 1)],
  ['a copy took its place', (path) => (cpSync(path, `${path}.copy`), renameSync(`${path}.copy`, path))],
  ['it was away for a while', (path) => (renameSync(path, `${path}.away`), renameSync(`${path}.away`, path))],
  ['it was written with the same bytes', (path) => writeFileSync(path, readFileSync(path))],
];

test.concurrent.each(harmless)('an asset is the same after %s', async (_what, harm) => {
  const folder = model();
  const asset = await readyAsset('/nowhere', folder, {});
  const before = (await stampOf(folder))!;
  harm(join(folder, 'weights/one.bin'));
  expect(stampKey((await stampOf(folder))!)).not.toBe(stampKey(before));
  expect(await remembered(folder)).toBeNull();
  const lines: string[] = [];
  const onProgress = (line: string) => void (begins(line) && lines.push(line));
  expect(await isUnchanged(asset, { onProgress })).toBe(true);
  // Only that file, said, and once.
  expect(lines).toEqual([`hashing ${folder} (3 B) again, for its time stamps, links or contents changed`]);
  expect(await remembered(folder)).toBe(asset.sha256);
  await isUnchanged(asset, { onProgress });
  expect(lines).toHaveLength(1);
});

test.concurrent('a byte that changed is found although size, time and name are as before', async () => {
  const folder = model();
  const path = join(folder, 'weights/one.bin');
  const asset = await readyAsset('/nowhere', folder, {});
  const { atime, mtime } = statSync(path);
  writeFileSync(path, 'onf');
  utimesSync(path, atime, mtime);
  expect(await isUnchanged(asset)).toBe(false);
});

test.concurrent('a file of a model that came or went is a change, until it is taken back', async () => {
  const folder = model();
  const asset = await readyAsset('/nowhere', folder, {});
  write(join(folder, 'weights/two.bin'), '');
  expect(await isUnchanged(asset)).toBe(false);
  rmSync(join(folder, 'weights/two.bin'));
  expect(await isUnchanged(asset)).toBe(true);
  renameSync(join(folder, 'weights/one.bin'), join(folder, 'gone'));
  expect(await isUnchanged(asset)).toBe(false);
});

test.concurrent('whether a file was written or replaced is told apart from links and rights', async () => {
  const path = join(model(), 'weights/one.bin');
  const moved = async (harm: (path: string) => void) => {
    const before = (await stampOf(path))!;
    harm(path);
    return isRewritten(before, (await stampOf(path))!);
  };
  const found = [];
  for (const [, harm] of harmless) found.push(await moved(harm));
  expect(found).toEqual([false, false, true, true, false, true]);
});

test.concurrent('links that are made while a file is hashed make it read again; one that grows is not complete', async () => {
  const path = join(model(), 'config.json');
  let count = 0;
  const linking = (line: string) => {
    if (!begins(line) || (count += 1) > 1) return;
    // After the stamp was taken, before the file is read.
    linkSync(path, `${path}.link`);
    rmSync(`${path}.link`);
  };
  expect((await hashPath(path, { onProgress: linking })).sha256).toBe(sha256('{}'));
  expect(count).toBe(2);

  const always = () => (linkSync(path, `${path}.link`), rmSync(`${path}.link`));
  always();
  await expect(hashPath(path, { onProgress: always })).rejects.toThrow('changed while its contents were hashed');

  const growing = join(model(), 'config.json');
  let lines = 0;
  const onProgress = (line: string) => {
    if (!begins(line)) return;
    lines += 1;
    writeFileSync(growing, '{}'.repeat(lines + 1));
  };
  await expect(hashPath(growing, { onProgress })).rejects.toThrow('Run again when it is complete');
  expect(lines).toBe(1);
});

test.concurrent('a look at contents waits for those that are not hashed yet where that is asked for', async () => {
  const path = join(model(), 'config.json');
  expect(await openAssets('/nowhere').identityOf(path, false)).toEqual({ unhashed: path });
  expect(await openAssets('/nowhere', {}).identityOf(path, true)).toEqual({ unhashed: path });
  expect(await openAssets('/nowhere', {}).identityOf(path, false)).toEqual({ sha256: sha256('{}') });
  utimesSync(path, 1, 1);
  expect(await openAssets('/nowhere').identityOf(path, false)).toEqual({ unhashed: path });
  expect(await openAssets('/nowhere', {}).identityOf(path, false)).toEqual({ sha256: sha256('{}') });
});

test.concurrent('a stop ends hashing again, and is no change', async () => {
  const path = join(model(), 'config.json');
  const asset = await readyAsset('/nowhere', path, {});
  utimesSync(path, 1, 1);
  const stop = new AbortController();
  stop.abort('SIGINT');
  await expect(isUnchanged(asset, { signal: stop.signal })).rejects.toBe('SIGINT');
  await expect(openAssets('/nowhere', { signal: stop.signal }).identityOf(path, false)).rejects.toBe('SIGINT');
  expect(await isUnchanged(asset)).toBe(true);
});

test.concurrent('hashing can be stopped', async () => {
  const path = join(model(), 'config.json');
  const stop = new AbortController();
  const ended = hashPath(path, { signal: stop.signal }).catch(String);
  stop.abort(new Error('stopped by a test'));
  expect(await ended).toMatch(/stopped by a test|AbortError/);
});
