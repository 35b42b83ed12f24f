import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { beforeEach, expect, test, onTestFinished } from 'vitest';
import { journalFile, writeJournal } from '../../../plugins/nx-study/src/record/journal.ts';
import { followJournal } from '../../../plugins/nx-study/src/record/journal-reader.ts';

const REPOSITORY = join(import.meta.dirname, '../../..');
const PROGRAM = ['--import', '@swc-node/register/esm-register', join(import.meta.dirname, 'programs/journal.ts')];

let root: string;
let file: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'nx-study-journal-'));
  file = journalFile(root, 's');
  onTestFinished(() => rm(root, { recursive: true, force: true }));
});

const started = (id: string) => writeJournal(root, 's', { id, event: 'started', digest: 'd' });
const problemOfWriting = async () => {
  const told: string[] = [];
  await writeJournal(root, 's', { id: 'a', event: 'started', digest: 'd' }, (why) => void told.push(why));
  expect(told).toHaveLength(1);
  return told[0];
};
const ids = (entries: object[]) => entries.map((entry) => ('id' in entry ? entry.id : null));

test('what was written is read, and each look passes on only what is new', async () => {
  const reader = followJournal(file);
  expect(reader.read()).toMatchObject({ exists: false, entries: [] });
  await started('a');
  await writeJournal(root, 's', { id: 'a', event: 'measured', digest: 'd', elapsed_s: 3.5 });
  expect(reader.read().entries).toMatchObject([
    { id: 'a', event: 'started', pid: process.pid },
    { id: 'a', event: 'measured', elapsed_s: 3.5 },
  ]);
  expect(reader.read().entries).toEqual([]);
  await started('b');
  expect(ids(reader.read().entries)).toEqual(['b']);
});

test('a torn line takes no other one along', async () => {
  await started('a');
  await appendFile(file, '{"at":"2026-11-25T02:40:38.024Z","pid":1,"id":"b","ev');
  const reader = followJournal(file);
  expect(reader.read()).toMatchObject({ unreadable: 0, entries: [{ id: 'a' }] });
  await started('c');
  expect(reader.read()).toMatchObject({ unreadable: 1, entries: [{ id: 'c' }] });
});

test('a line is read once it is complete', async () => {
  await started('a');
  const [line] = (await readFile(file, 'utf8')).split('\n') as [string];
  await writeFile(file, line.slice(0, 30));
  const reader = followJournal(file);
  expect(reader.read().entries).toEqual([]);
  await appendFile(file, line.slice(30));
  expect(reader.read().entries).toEqual([]);
  await appendFile(file, '\n');
  expect(ids(reader.read().entries)).toEqual(['a']);
});

test('foreign lines are counted, and entries of earlier versions are read', async () => {
  await mkdir(dirname(file), { recursive: true });
  const earlier = { at: '2026-01-01T00:00:00Z', pid: 1, id: 'a', event: 'measured', digest: 'd' };
  await writeFile(file, `null\n42\n{"event":"started"}\nhello\n${JSON.stringify(earlier)}\n`);
  expect(followJournal(file).read()).toMatchObject({ unreadable: 4, entries: [{ id: 'a', elapsed_s: null }] });
});

test('of a journal beyond all measure the end is read, from the begin of a line', async () => {
  for (const id of ['a', 'b', 'c']) await started(id);
  const { length } = await readFile(file);
  const reader = followJournal(file, length - 10);
  expect(reader.read()).toMatchObject({ unreadable: 0, entries: [{ id: 'b' }, { id: 'c' }] });
  await started('d');
  expect(ids(reader.read().entries)).toEqual(['d']);
});

test('another file in its place is read from its begin', async () => {
  await started('a');
  const reader = followJournal(file);
  reader.read();
  await rm(file);
  expect(reader.read()).toMatchObject({ exists: false, restarted: true });
  await started('b');
  expect(reader.read()).toMatchObject({ exists: true, entries: [{ id: 'b' }] });
  await writeFile(file, '');
  expect(reader.read()).toMatchObject({ restarted: true, entries: [] });
});

test('a message of megabytes stays out of it', async () => {
  const detail = 'x'.repeat(3_000_000);
  const failed = { event: 'failed', type: 'crash', phase: null, detail, memory_limit_bytes: null } as const;
  await writeJournal(root, 's', { id: 'a', digest: 'd', ...failed });
  expect((await readFile(file)).length).toBeLessThan(2000);
  expect(followJournal(file).read().entries).toMatchObject([{ id: 'a', type: 'crash' }]);
});

test('what can not be written is left out, and nothing fails', async () => {
  await writeFile(join(root, 'results'), 'a file where a folder should be');
  await expect(started('a')).resolves.toBeUndefined();
  expect(followJournal(file).read()).toMatchObject({ exists: false });
});

const inTheWay: [string, string, () => void][] = [
  ['a FIFO', 'is a FIFO', () => void execFileSync('mkfifo', [file])],
  ['a folder', 'is a folder', () => mkdirSync(file)],
  ['a link', 'is a link', () => symlinkSync(join(root, 'elsewhere'), file)],
];

test.each(inTheWay)('where it belongs lies %s: told with the place, and not waited for', async (_, told, make) => {
  await mkdir(dirname(file), { recursive: true });
  make();
  const why = await problemOfWriting();
  expect(why).toContain(`${file} ${told}`);
  expect(existsSync(join(root, 'elsewhere'))).toBe(false);
});

test('a file in the place of its folder is told', async () => {
  await mkdir(dirname(dirname(file)), { recursive: true });
  await writeFile(dirname(file), '');
  const why = await problemOfWriting();
  expect(why).toMatch(new RegExp(`^${file} can't be written \\(ENOTDIR\\)`));
});

test('a limit on the length of files is told with the place', async () => {
  const { stdout } = await execa('sh', ['-c', 'ulimit -f 0; exec "$0" "$@"', process.execPath, ...PROGRAM, root], {
    cwd: REPOSITORY,
  });
  expect(stdout).toMatch(/journal\.jsonl can't be written \(EFBIG\): .*ulimit -f/);
});
