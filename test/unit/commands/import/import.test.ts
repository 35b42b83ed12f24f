import { appendFile, cp, mkdir, mkdtemp, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { importResults } from '../../../../plugins/nx-study/src/commands/import/import.ts';
import { importedText } from '../../../../plugins/nx-study/src/commands/import/texts.ts';
import type { MeasurementRecord, Supervisor } from '../../../../plugins/nx-study/src/record/schema.ts';
import { living } from '../status/study.ts';
import { STUDY, studyOf } from '../../record/workspace.ts';

const supervisor = { host: 'gpu-box', pid: 1, boot: 'other', start_time: null };

/** A study of which another machine measured the sizes 1 and 2, and failed at 3. */
async function measuredElsewhere() {
  const study = await studyOf([1, 2, 3, 4]);
  const elsewhere = await mkdtemp(join(tmpdir(), 'nx-study-elsewhere-'));
  onTestFinished(() => rm(elsewhere, { recursive: true, force: true }));
  await study.measured(1, { supervisor });
  await study.measured(2, { supervisor });
  await study.failed(3, 'crash', { supervisor });
  await rename(join(study.root, 'results'), join(elsewhere, 'results'));
  const copyOf = (size: number) => join(elsewhere, relative(study.root, study.directoryOf(size)));
  return { study, elsewhere, copyOf, take: () => importResults(study.root, STUDY, [elsewhere]) };
}

const sizesOf = (study: Awaited<ReturnType<typeof studyOf>>, list: readonly { id: string }[]) =>
  list.map(({ id }) => study.tasks.find((task) => task.id === id)!.configuration['size']);

test('takes in what counts, and the failed attempts; a second time there is nothing left to take', async () => {
  const { study, take } = await measuredElsewhere();
  const first = await take();
  expect(sizesOf(study, first.taken)).toEqual([1, 2]);
  expect(sizesOf(study, first.failed)).toEqual([3]);
  expect(first.taken[0]!.host).toBe('gpu-box');
  expect(first).toMatchObject({ present: [], other: [], refused: [], running: [] });
  const after = await readdir(join(study.root, 'results'), { recursive: true });

  const second = await take();
  expect(second).toMatchObject({ taken: [], failed: [], refused: [] });
  expect(sizesOf(study, second.present)).toEqual([1, 2]);
  expect(await readdir(join(study.root, 'results'), { recursive: true })).toEqual(after);
});

test('a failed attempt that lies in two folders is one', async () => {
  const { study, elsewhere } = await measuredElsewhere();
  const imported = await importResults(study.root, STUDY, [elsewhere, join(elsewhere, 'results')]);
  expect(sizesOf(study, imported.failed)).toEqual([3]);
});

test('keeps what is here, and puts a good one in place of a damaged one, which is kept', async () => {
  const { study, take } = await measuredElsewhere();
  await study.measured(1);
  await study.measured(2);
  const own = await readFile(join(study.directoryOf(1), 'record.json'), 'utf8');
  await appendFile(join(study.directoryOf(2), 'result.json'), ' ');
  const imported = await take();
  expect(sizesOf(study, imported.present)).toEqual([1]);
  expect(sizesOf(study, imported.taken)).toEqual([2]);
  expect(await readFile(join(study.directoryOf(1), 'record.json'), 'utf8')).toBe(own);
  expect((await readFile(join(study.directoryOf(2), 'record.json'), 'utf8')).includes('gpu-box')).toBe(true);
  const kept = await readdir(join(study.root, 'results', STUDY, 'failed', study.tasks[1]!.id));
  expect(kept).toEqual(['001']);
});

test.each([
  ['a number', 'result.json', (text: string) => text.replace(/\d/, '7')],
  ['the record', 'record.json', (text: string) => text.replace('gpu-box', 'cpu-box')],
])('refuses one of which %s was altered, and takes the others', async (_, file, alter) => {
  const { study, copyOf, take } = await measuredElsewhere();
  const altered = join(copyOf(1), file);
  await writeFile(altered, alter(await readFile(altered, 'utf8')));
  const imported = await take();
  expect(imported.refused).toEqual([
    { id: study.tasks[0]!.id, directory: copyOf(1), reason: expect.stringContaining(file) as string },
  ]);
  expect(sizesOf(study, imported.taken)).toEqual([2]);
});

test('leaves out what the study would not measure now, and says by which difference', async () => {
  const { study, elsewhere, take } = await measuredElsewhere();
  await writeFile(join(study.root, 'workers/tiny/measure.sh'), 'exit 0 # changed\n');
  const imported = await take();
  expect(imported.taken).toEqual([]);
  expect(imported.other.map(({ differences }) => differences)).toEqual([['measuring code'], ['measuring code']]);
  expect(importedText(STUDY, imported)).toMatch(
    /Not what the study would measure now, 2 measurements:\n {2}\S+: measuring code/,
  );
  expect(await readdir(elsewhere)).toEqual(['results']);
});

test('a folder without results is named, and the others are taken in; what still has none is said by lane', async () => {
  const { study, elsewhere } = await measuredElsewhere();
  await cp(join(elsewhere, 'results'), join(elsewhere, 'empty/results/other'), { recursive: true });
  await mkdir(join(elsewhere, 'begun/results', STUDY), { recursive: true });
  await writeFile(join(elsewhere, 'begun/results', STUDY, 'journal.jsonl'), '');
  const folders = ['empty', 'begun', 'absent'].map((name) => join(elsewhere, name));
  const imported = await importResults(study.root, STUDY, [...folders.slice(0, 2), elsewhere, folders[2]!]);
  expect(sizesOf(study, imported.taken)).toEqual([1, 2]);
  expect(imported.empty.map(({ folder }) => folder)).toEqual(folders);
  expect(sizesOf(study, imported.left)).toEqual([3, 4]);
  const text = importedText(STUDY, imported);
  expect(text).toMatch(
    /Nothing was there, in 3 folders:\n.*empty holds no results of sizes.*\n.*begun: it holds no meas/,
  );
  expect(text).toMatch(/Still without a result, 2 measurements:\n {2}\S+, \S+\n/);
  const inLanes = { ...imported, lanes: 2, left: imported.left.map((one, index) => ({ ...one, lane: 2 - index })) };
  expect(importedText(STUDY, inLanes)).toMatch(/2 measurements:\n {2}lane 1, 1: \S+\n {2}lane 2, 1: \S+\n/);
});

interface Killed {
  by?: Supervisor;
  isYoung?: boolean;
  isComplete?: boolean;
}

/** The workspace of another machine, where a run of this study was killed; `by`: its supervisor. */
async function killedElsewhere({ by = supervisor, isYoung = false, isComplete = true }: Killed = {}) {
  const study = await studyOf([1]);
  const elsewhere = await mkdtemp(join(tmpdir(), 'nx-study-elsewhere-'));
  onTestFinished(() => rm(elsewhere, { recursive: true, force: true }));
  const finished = await study.measured(1);
  await study.begun(1, false, { supervisor: by });
  const names = await readdir(dirname(finished));
  const partial = join(
    dirname(finished),
    names.find((name) => name.endsWith('.partial'))!,
  );
  const result = join(partial, 'result.json');
  if (isComplete) await cp(join(finished, 'result.json'), result);
  if (isComplete && !isYoung) await utimes(result, 0, 0);
  await rm(finished, { recursive: true });
  await rename(join(study.root, 'results'), join(elsewhere, 'results'));
  return { study, take: () => importResults(study.root, STUDY, [elsewhere]) };
}

test('a complete result of a run that was killed is taken in with what is known of its end', async () => {
  const { study, take } = await killedElsewhere();
  const imported = await take();
  expect(sizesOf(study, imported.taken)).toEqual([1]);
  expect(imported.recovered).toEqual(imported.taken);
  expect(imported.left).toEqual([]);
  expect(importedText(STUDY, imported)).toMatch(/Of these, 1 measurement of runs that were killed once the result was/);
  const record = JSON.parse(await readFile(join(study.directoryOf(1), 'record.json'), 'utf8')) as MeasurementRecord;
  expect(record).toMatchObject({ outcome: 'measured', supervisor: { host: 'gpu-box' } });
  expect(record.findings.map(({ code }) => code)).toContain('exit-not-seen');
  expect(await take()).toMatchObject({ taken: [], recovered: [], refused: [] });
});

test.each([
  ['whose process lives', 'running', { isAlive: true }, /Still being measured there, 1 measurement: /],
  [
    'that may be recorded yet',
    'young',
    { isAlive: false, isYoung: true },
    /Complete, but younger .*: import again then\n/,
  ],
  [
    'without a result',
    'unended',
    { isAlive: false, isComplete: false },
    /Without an end there, 1 .*: the next run there measures/,
  ],
] as const)('one %s is left where it is, and the next step is said', async (_, list, { isAlive, ...of }, text) => {
  const { study, take } = await killedElsewhere({ ...of, ...(isAlive && { by: await living() }) });
  const imported = await take();
  expect(imported).toMatchObject({ taken: [], recovered: [], failed: [], refused: [] });
  expect(sizesOf(study, imported[list])).toEqual([1]);
  expect(importedText(STUDY, imported)).toMatch(text);
  expect(existsSync(study.directoryOf(1))).toBe(false);
});

test('what failed here as expected stays so, whatever failed elsewhere', async () => {
  const study = await studyOf([1, 2], { expect: [1, 2] });
  const elsewhere = await mkdtemp(join(tmpdir(), 'nx-study-elsewhere-'));
  onTestFinished(() => rm(elsewhere, { recursive: true, force: true }));
  await study.failed(1, 'interrupted', { supervisor });
  await study.failed(2, 'crash', { supervisor });
  await study.failed(2, 'interrupted', { supervisor, started_at: '2026-03-01T11:00:00Z' });
  await rename(join(study.root, 'results'), join(elsewhere, 'results'));
  await study.failed(1, 'crash');
  const imported = await importResults(study.root, STUDY, [elsewhere]);
  expect(sizesOf(study, imported.settled)).toEqual([1]);
  expect(sizesOf(study, imported.failed)).toEqual([2, 2]);
  expect(imported.left).toEqual([]);
});
