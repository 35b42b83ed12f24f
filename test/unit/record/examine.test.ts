import { execFileSync } from 'node:child_process';
import { appendFile, cp, mkdir, readFile, rename, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { dataFolder } from '../../../plugins/nx-study/src/record/data-folder.ts';
import { checkFinished, examine } from '../../../plugins/nx-study/src/record/examine.ts';
import { readRecord } from '../../../plugins/nx-study/src/record/read.ts';
import { openWholeMemory } from '../../../plugins/nx-study/src/record/whole-memory.ts';
import { STUDY, studyOf } from './workspace.ts';

type Study = Awaited<ReturnType<typeof studyOf>>;

interface Case {
  name: string;
  /** What happens to the finished measurement of size 1; beside it lies one of size 2. */
  harm: (directory: string, study: Study) => Promise<unknown>;
  message: RegExp;
}

const edit = async (file: string, from: string | RegExp, to: string) => {
  const before = await readFile(file, 'utf8');
  const after = before.replace(from, to);
  expect(after).not.toBe(before);
  await writeFile(file, after);
};

const replacing = (file: string, put: (path: string) => unknown) => async (directory: string) => {
  await rm(join(directory, file), { recursive: true });
  await put(join(directory, file));
};

const cases: Case[] = [
  {
    name: 'a number in the result was edited, its length kept',
    harm: (directory) => edit(join(directory, 'result.json'), '"count":1', '"count":7'),
    message: /^result\.json is not the one that record\.json names: its SHA-256 begins with \w{12} instead of \w{12}$/,
  },
  {
    name: 'the result is half-written',
    harm: (directory) => truncate(join(directory, 'result.json'), 20),
    message:
      /^result\.json (is no JSON \(.+\)|is not the one that record\.json names: it has 20 bytes instead of \d+)$/,
  },
  {
    name: 'the result is empty',
    harm: (directory) => truncate(join(directory, 'result.json')),
    message: /^result\.json (is empty|is not the one that record\.json names: it has 0 bytes)/,
  },
  {
    name: 'the result is gone',
    harm: (directory) => rm(join(directory, 'result.json')),
    message: /^result\.json is missing$/,
  },
  {
    name: 'the result is that of another measurement',
    harm: (directory, study) => cp(join(study.directoryOf(2), 'result.json'), join(directory, 'result.json')),
    message: /^result\.json is not the one that record\.json names/,
  },
  {
    name: 'the result is a FIFO',
    harm: replacing('result.json', (path) => execFileSync('mkfifo', [path])),
    message: /^result\.json is a FIFO$/,
  },
  {
    name: 'the result is a link to an endless file',
    harm: replacing('result.json', (path) => symlink('/dev/zero', path)),
    message: /^result\.json is a link$/,
  },
  {
    name: 'the result is a link to the file that it was',
    harm: async (directory, study) => {
      await rename(join(directory, 'result.json'), join(study.root, 'moved.json'));
      await symlink(join(study.root, 'moved.json'), join(directory, 'result.json'));
    },
    message: /^result\.json is a link$/,
  },
  {
    name: 'the result is a folder',
    harm: replacing('result.json', (path) => mkdir(path)),
    message: /^result\.json is a folder$/,
  },
  {
    name: 'the result is larger than a string can be',
    harm: (directory) => truncate(join(directory, 'result.json'), 2 ** 31),
    message: /^result\.json (has more than the \d+ bytes that are read|is not the one .* it has 2147483648 bytes)/,
  },
  {
    name: 'the record was edited',
    harm: (directory) => edit(join(directory, 'record.json'), '"elapsed_s": 1', '"elapsed_s": 9'),
    message: /^record\.json was altered after it was written: it does not have the checksum that it names$/,
  },
  {
    name: 'the identity in the record was edited, and its checksum taken out',
    harm: async (directory) => {
      await edit(join(directory, 'record.json'), /,\s*"checksum": "\w+"/, '');
      await edit(join(directory, 'record.json'), '"code": "', '"code": "other-');
    },
    message: /^record\.json names a digest that is not the one of its identity: it was altered$/,
  },
  {
    name: 'the record is half-written',
    harm: (directory) => truncate(join(directory, 'record.json'), 100),
    message: /^record\.json is no JSON \(/,
  },
  {
    name: 'the record is gone',
    harm: (directory) => rm(join(directory, 'record.json')),
    message: /^record\.json is missing$/,
  },
  {
    name: 'the record is a FIFO',
    harm: replacing('record.json', (path) => execFileSync('mkfifo', [path])),
    message: /^record\.json is a FIFO$/,
  },
  {
    name: 'the record is larger than any record',
    harm: (directory) => truncate(join(directory, 'record.json'), 2 ** 40),
    message: /^record\.json has more than the 16777216 bytes that are read$/,
  },
  {
    name: 'the record is other JSON',
    harm: (directory) => writeFile(join(directory, 'record.json'), '{"record": 1}'),
    message: /^record\.json has another content than it should \(study: /,
  },
  {
    name: 'the record is no UTF-8',
    harm: (directory) => writeFile(join(directory, 'record.json'), Buffer.from([0x7b, 0xff, 0x7d])),
    message: /^record\.json is no UTF-8 text$/,
  },
  {
    name: 'the record is nested without end',
    harm: (directory) => writeFile(join(directory, 'record.json'), `{"machine":${'['.repeat(1e5)}${']'.repeat(1e5)}}`),
    message: /^record\.json (has another content|is no JSON)/,
  },
  {
    name: 'all of it is another measurement',
    harm: async (directory, study) => {
      await rm(directory, { recursive: true });
      await cp(study.directoryOf(2), directory, { recursive: true });
    },
    message: /^record\.json is that of digest \w{12}, but lies in the folder of digest \w{12}$/,
  },
  {
    name: 'it lies in the folder of another id',
    harm: async (directory, study) => {
      const other = study.directoryOf(2);
      await rm(dirname(other), { recursive: true });
      await rename(dirname(directory), dirname(other));
      await cp(dirname(other), dirname(directory), { recursive: true });
      await edit(join(directory, 'record.json'), /"id": "[^"]+"/, `"id": "${study.of(2).task.id}"`);
      await edit(join(directory, 'record.json'), /"checksum": "\w+"/, '"checksum": null');
    },
    message: /^record\.json is that of measurement [\w-]+, but lies in the folder of [\w-]+$/,
  },
  {
    name: 'a side file was edited',
    harm: (directory) => edit(join(directory, 'files/steps.txt'), 'two', 'ten'),
    message: /^files\/steps\.txt is not the one that record\.json names: its SHA-256/,
  },
  {
    name: 'a side file is gone',
    harm: (directory) => rm(join(directory, 'files/steps.txt')),
    message: /^files\/steps\.txt is missing$/,
  },
  {
    name: 'side files lie behind a link',
    harm: async (directory, study) => {
      await rename(join(directory, 'files'), join(study.root, 'files'));
      await symlink(join(study.root, 'files'), join(directory, 'files'));
    },
    message: /^files\/steps\.txt lies behind a link$/,
  },
  {
    name: 'draws are cut off',
    harm: (directory) => truncate(join(directory, 'draws.bin'), 2),
    message: /^draws\.bin is not the one that record\.json names: it has 2 bytes instead of 5$/,
  },
  {
    name: 'diagnostics were edited',
    harm: (directory) => edit(join(directory, 'derived.json'), '"payload": {}', '"payload": {"a": 1}'),
    message: /^derived\.json was altered after it was written/,
  },
  {
    name: 'diagnostics are those of another measurement',
    harm: (directory, study) => cp(join(study.directoryOf(2), 'derived.json'), join(directory, 'derived.json')),
    message: /^derived\.json was derived from other files than those that record\.json names$/,
  },
  {
    name: 'diagnostics are a FIFO',
    harm: replacing('derived.json', (path) => execFileSync('mkfifo', [path])),
    message: /^derived\.json is a FIFO$/,
  },
  {
    name: 'its folder is a link',
    harm: async (directory, study) => {
      await rename(directory, join(study.root, 'elsewhere'));
      await symlink(join(study.root, 'elsewhere'), directory);
    },
    message: /^its folder is a link, where the folder of a measurement is expected$/,
  },
  {
    name: 'its folder is a file',
    harm: async (directory) => {
      await rm(directory, { recursive: true });
      await writeFile(directory, '');
    },
    message: /^its folder is a file, where the folder of a measurement is expected$/,
  },
];

test.each(cases)('$name: damaged in all views, and measured again', async ({ harm, message }) => {
  const study = await studyOf([1, 2, 3]);
  const finding = { code: 'noted', message: 'a reader must know' };
  const directory = await study.measured(1, { findings: [finding] });
  await study.measured(2);
  await study.measured(3);
  const whole = { report: 'measured', csv: 'measured', plan: 'measured', status: 'measured' };
  expect(await study.views()).toEqual({ 1: whole, 2: whole, 3: whole });
  await harm(directory, study);

  const { 1: first, 3: third } = await study.views();
  expect(first).toEqual({ report: 'damaged', csv: 'damaged', plan: 'damaged', status: 'damaged' });
  expect(third).toEqual(whole);
  const { report, csv, preview } = await study.rowsOf();
  const { id } = study.of(1).task;
  const row = report.results.rows.find((one) => one.id === id)!;
  expect(row).toMatchObject({ metrics: [], verdict: null, stored: null });
  expect(row.damage!.damage.message).toMatch(message);
  expect(report.text).toContain(`${id}: ${row.damage!.damage.message} (results/${STUDY}/`);
  const line = csv.find((one) => one['id'] === id)!;
  expect([line['count'], line['findings']]).toEqual(['', `damaged: ${row.damage!.damage.message}`]);
  const planned = preview.rows.find((one) => one.id === id)!;
  expect(['measure', 'derive']).toContain(planned.next);
  expect(planned.why).toMatch(/^it was measured, but doesn't count any more: /);
  expect((await study.look()).remarks.filter(({ code }) => code === 'damaged')).toEqual([
    { code: 'damaged', message: `damaged, so it does not count: size-1: ${row.damage!.damage.message}` },
  ]);
  // What is whole says its number.
  expect(csv.find((one) => one['varied.size'] === '3')).toMatchObject({ count: '3' });
});

test('what was measured, and is whole, is not read again until somebody touches it', async () => {
  vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 60_000);
  onTestFinished(() => void vi.restoreAllMocks());
  const study = await studyOf([1]);
  const directory = await study.measured(1);
  const memory = await openWholeMemory(study.root);
  expect(memory.begin(directory).isKnown).toBe(false);
  expect(await checkFinished(directory, memory)).toEqual({ state: 'whole', isAccepted: false });
  await memory.save();

  const later = await openWholeMemory(study.root);
  expect(later.begin(directory).isKnown).toBe(true);
  // Another file with the same length and time of change.
  const file = join(directory, 'result.json');
  const stamp = new Date('2026-03-01T10:00:00Z');
  await utimes(file, stamp, stamp);
  expect(later.begin(directory).isKnown).toBe(false);
  expect((await checkFinished(directory, later)).state).toBe('whole');
  expect(later.begin(directory).isKnown).toBe(true);
  await edit(file, '"count":1', '"count":7');
  await utimes(file, stamp, stamp);
  expect((await checkFinished(directory, later)).state).toBe('damaged');
});

test('a caller that knows that a folder is not there spares looking for it, but not one that is remembered', async () => {
  vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 60_000);
  onTestFinished(() => void vi.restoreAllMocks());
  const study = await studyOf([1]);
  const directory = await study.measured(1);
  const memory = await openWholeMemory(study.root);
  const isThere = () => false;
  expect(await checkFinished(directory, memory, isThere)).toEqual({ state: 'absent' });
  await checkFinished(directory, memory);
  expect(await checkFinished(directory, memory, isThere)).toEqual({ state: 'whole', isAccepted: false });
});

test('what was written just now may change unseen, and is not remembered', async () => {
  const study = await studyOf([1]);
  const directory = await study.measured(1);
  const memory = await openWholeMemory(study.root);
  expect((await checkFinished(directory, memory)).state).toBe('whole');
  expect(memory.begin(directory).isKnown).toBe(false);
});

test('a memory that is damaged itself costs another look, no more', async () => {
  const study = await studyOf([1]);
  const directory = await study.measured(1);
  await mkdir(dataFolder(study.root), { recursive: true });
  execFileSync('mkfifo', [join(dataFolder(study.root), 'whole.json')]);
  expect((await checkFinished(directory, await openWholeMemory(study.root))).state).toBe('whole');
});

test('draws that stayed on another machine are no damage', async () => {
  const study = await studyOf([1]);
  const directory = await study.measured(1);
  await rm(join(directory, 'draws.bin'));
  expect((await examine(directory)).state).toBe('whole');
});

test('a record of an earlier version is shown, and what can’t be told of it is said', async () => {
  const study = await studyOf([1, 2]);
  await study.measured(1);
  const directory = await study.measured(2, { files: [] });
  for (const file of ['record.json', 'derived.json'])
    await edit(join(directory, file), /"checksum": "\w+"/, '"checksum": null');
  await edit(join(directory, 'derived.json'), /"source": "\w+"/, '"source": null');
  const { report, csv } = await study.rowsOf();
  expect(report.text).toMatch(
    /1 measurement without a checksum of the record or the diagnostics \(size-2-\w+\): an earlier version/,
  );
  expect(csv.map((row) => row['count'])).toEqual(['1', '2']);
  expect(csv.map((row) => row['findings']!.includes('unchecked-result: '))).toEqual([false, true]);
});

test('a failed attempt that can’t be read is named, and ends nothing', async () => {
  const study = await studyOf([1, 2]);
  await study.measured(1);
  const directory = await study.failed(2, 'crash');
  await rm(join(directory, 'record.json'));
  execFileSync('mkfifo', [join(directory, 'record.json')]);
  const { report } = await study.rowsOf();
  expect(report.text).toMatch(
    /Left out, as it is not whole or not readable:\s+size-2-\w+: record\.json is a FIFO \(results/,
  );
});

test('a failed attempt whose record was altered is named, and none for what comes next', async () => {
  const study = await studyOf([1]);
  const directory = await study.failed(1, 'oom');
  expect((await readRecord(directory))?.failure?.type).toBe('oom');
  await edit(join(directory, 'record.json'), '"type": "oom"', '"type": "crash"');
  expect(await readRecord(directory)).toBeNull();
  expect((await study.rowsOf()).report.text).toMatch(/size-1-\w+: record\.json was altered after it was written/);
});

test('diagnostics without a checksum are said, too', async () => {
  const study = await studyOf([1]);
  const directory = await study.measured(1);
  await edit(join(directory, 'derived.json'), /"checksum": "\w+"/, '"checksum": null');
  expect((await study.rowsOf()).report.text).toMatch(
    /1 measurement without a checksum of the record or the diagnostics/,
  );
});

test('files of other studies that can’t be read end nothing', async () => {
  const study = await studyOf([1]);
  await study.measured(1);
  const other = join(study.root, 'results/other/a-00000000/0123456789ab');
  await mkdir(other, { recursive: true });
  for (const name of ['record.json', 'result.json', 'derived.json']) {
    await writeFile(join(other, name), '');
    await truncate(join(other, name), 2 ** 31);
  }
  await mkdir(join(study.root, 'results/fifo/a-00000000/0123456789ab'), { recursive: true });
  execFileSync('mkfifo', [join(study.root, 'results/fifo/a-00000000/0123456789ab/record.json')]);
  await symlink('loop', join(study.root, 'results/loop'));
  await writeFile(join(study.root, 'results/file'), '');
  expect(await study.views()).toMatchObject({ 1: { report: 'measured', plan: 'measured' } });
});

test('a journal that is no file is named, and the records tell', async () => {
  const study = await studyOf([1]);
  await study.measured(1);
  const journal = join(study.root, 'results', STUDY, 'journal.jsonl');
  await rm(journal);
  execFileSync('mkfifo', [journal]);
  const status = await study.look();
  expect(status.counts.measured).toBe(1);
  expect(status.remarks).toMatchObject([{ code: 'journal-unreadable', message: expect.stringContaining('is a FIFO') }]);
  await rm(journal);
  await writeFile(journal, '');
  await truncate(journal, 2 ** 40);
  await appendFile(journal, '\n');
  expect((await study.look()).counts.measured).toBe(1);
});
