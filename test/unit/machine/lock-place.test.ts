import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, linkSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { readHostFile, writeHostFile } from '../../../plugins/nx-study/src/machine/host-file.ts';
import { holderLabel } from '../../../plugins/nx-study/src/machine/holder.ts';
import { acquireLock, deviceLockPath } from '../../../plugins/nx-study/src/machine/lock.ts';
import { lockPlace } from '../../../plugins/nx-study/src/machine/lock-place.ts';
import { temporaryFolder } from './helpers.ts';

const isRoot = process.getuid?.() === 0;
const SOMEBODY = 65_534;

beforeEach(() => {
  vi.stubEnv('NX_STUDY_LOCK_DIR', '');
  return () => void vi.unstubAllEnvs();
});

function folderOf(mode: number): string {
  const folder = join(temporaryFolder(), 'folder');
  mkdirSync(folder);
  chmodSync(folder, mode);
  return folder;
}

const linux = process.platform === 'linux';

test.runIf(linux)('the lock of all users lies where no cleaner comes, if all may write there', () => {
  const folder = folderOf(0o1777);
  expect(lockPlace(folder)).toEqual({ folder, prefix: 'nx-study-' });
});

test.each([0o777, 0o755, 0o1775])('else it lies in /tmp: mode %o', (mode) => {
  expect(lockPlace(folderOf(mode)).folder).toMatch(/^(\/private)?\/tmp$/);
});

test('so it does where the place is a link, or is missing', () => {
  const folder = folderOf(0o1777);
  symlinkSync(folder, `${folder}-link`);
  for (const place of [`${folder}-link`, `${folder}-missing`]) expect(lockPlace(place).folder).toMatch(/\/tmp$/);
});

test.runIf(isRoot && linux)('so it does where the place is not of root, and where it is read-only', () => {
  const folder = folderOf(0o1777);
  chownSync(folder, SOMEBODY, SOMEBODY);
  expect(lockPlace(folder).folder).toBe('/tmp');
});

const label = () => holderLabel({ study: 's', measurement: 's.a', workspace: '/' });
const whyRefused = async () =>
  acquireLock(deviceLockPath(), { label: await label() }).then(
    (lock) => lock.release(),
    (error: Error) => error.message,
  );

test('a folder that is a link, or that everybody may change, is refused with its name', async () => {
  const folder = folderOf(0o777);
  symlinkSync(folder, `${folder}-link`);
  vi.stubEnv('NX_STUDY_LOCK_DIR', `${folder}-link`);
  expect(await whyRefused()).toContain(`${folder}-link is a link`);
  vi.stubEnv('NX_STUDY_LOCK_DIR', folder);
  expect(await whyRefused()).toMatch(/folder may be changed by everybody, and is not sticky.*1777/);
  chmodSync(folder, 0o1777);
  expect(await whyRefused()).toBeUndefined();
});

test.runIf(isRoot)('a folder of another user is refused, and nothing is written into it', async () => {
  const folder = folderOf(0o1777);
  chownSync(folder, SOMEBODY, SOMEBODY);
  vi.stubEnv('NX_STUDY_LOCK_DIR', folder);
  expect(await whyRefused()).toContain(`${folder} belongs to user ${SOMEBODY}`);
  writeHostFile('hint.json', { a: 1 });
  expect(() => statSync(join(folder, 'hint.json'))).toThrow('ENOENT');
});

test.runIf(isRoot && linux)('another user takes turns through the same lock, and writes the same hints', async () => {
  const folder = folderOf(0o1777);
  vi.stubEnv('NX_STUDY_LOCK_DIR', folder);
  expect(await whyRefused()).toBeUndefined();
  writeHostFile('hint.json', { by: 'root' });
  const asSomebody = (script: string) =>
    execFileSync('setpriv', ['--reuid', String(SOMEBODY), '--clear-groups', 'sh', '-c', script], { cwd: folder });
  asSomebody('flock -n device.lock true && echo \'{"by":"somebody"}\' > hint.json');
  expect(await readHostFile('hint.json', z.object({ by: z.string() }))).toEqual({ by: 'somebody' });
  asSomebody('rm -f hint.json 2>/dev/null; ln -s /etc/hostname mine.json');
  writeHostFile('hint.json', { by: 'root again' });
  expect(await readHostFile('hint.json', z.object({ by: z.string() }))).toEqual({ by: 'root again' });
});

const traps: [string, (path: string, precious: string) => void][] = [
  ['a link', (path, precious) => symlinkSync(precious, path)],
  ['a link to what is not there yet', (path, precious) => symlinkSync(`${precious}-new`, path)],
  ['a second name of it', (path, precious) => linkSync(precious, path)],
  ['a FIFO', (path) => void execFileSync('mkfifo', [path])],
  ['a folder', (path) => mkdirSync(path)],
];

test.each(traps)('where a hint is expected lies %s: neither read nor written', async (_, make) => {
  const folder = folderOf(0o1777);
  const precious = `${folder}-precious`;
  writeFileSync(precious, '{"secret":true}');
  vi.stubEnv('NX_STUDY_LOCK_DIR', folder);
  make(join(folder, 'hint.json'), precious);
  writeHostFile('hint.json', { a: 1 });
  expect(readFileSync(precious, 'utf8')).toBe('{"secret":true}');
  expect(() => statSync(`${precious}-new`)).toThrow('ENOENT');
  expect(await readHostFile('hint.json', z.object({ a: z.number() }))).toBeNull();
});

test('an endless hint is none', async () => {
  const folder = folderOf(0o1777);
  vi.stubEnv('NX_STUDY_LOCK_DIR', folder);
  writeFileSync(join(folder, 'hint.json'), `{"a":1}${' '.repeat(2 << 20)}`);
  expect(await readHostFile('hint.json', z.object({ a: z.number() }))).toBeNull();
});
