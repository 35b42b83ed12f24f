import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withChecksum } from '../../../plugins/nx-study/src/record/document.ts';
import { examine } from '../../../plugins/nx-study/src/record/examine.ts';
import { readEntry } from '../../../plugins/nx-study/src/record/journal.ts';
import { currentRecord } from '../../../plugins/nx-study/src/record/upgrade.ts';
import { studyOf } from './workspace.ts';

/** Writes the finished measurement's record as version 1 did. */
async function writeEarlierRecord(directory: string, changes: object = {}): Promise<void> {
  const file = join(directory, 'record.json');
  const {
    reused_from,
    retry_requested_at,
    checksum: _,
    ...rest
  } = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
  const earlier = { ...rest, record: 1, adopted_from: reused_from, lifted_at: retry_requested_at, ...changes };
  await writeFile(file, JSON.stringify(await withChecksum({ ...earlier, checksum: null })));
}

test('a record of version 1 is read with the words of today, and its checksum still holds', async () => {
  const study = await studyOf([1]);
  await study.measured(1);
  const directory = study.directoryOf(1);
  await writeEarlierRecord(directory, { adopted_from: 'results/earlier/a', lifted_at: '2026-03-01T10:00:00Z' });
  expect(await examine(directory)).toMatchObject({
    state: 'whole',
    record: { record: 2, reused_from: 'results/earlier/a', retry_requested_at: '2026-03-01T10:00:00Z' },
  });
});

test('the memory estimate of version 1 had another name', () => {
  const memory = { gpus: 0, terms: [], omitted: [], available_bytes: 50, bound: 'free' };
  expect(currentRecord({ record: 1, memory: { ...memory, need_bytes: 100 } })).toEqual({
    record: 2,
    memory: { ...memory, estimate_bytes: 100 },
  });
  expect(currentRecord({ record: 1, memory: null })).toEqual({ record: 2, memory: null });
});

test('a record of version 1 that was altered is damaged', async () => {
  const study = await studyOf([1]);
  await study.measured(1);
  const directory = study.directoryOf(1);
  await writeEarlierRecord(directory);
  const file = join(directory, 'record.json');
  await writeFile(file, (await readFile(file, 'utf8')).replace('"elapsed_s":1', '"elapsed_s":2'));
  expect(await examine(directory)).toMatchObject({ state: 'damaged' });
});

test.each([null, 7, [], { record: 2, adopted_from: 'x' }, { record: 3 }, { lifted_at: null }])(
  '%j is left as it is',
  (raw) => {
    expect(currentRecord(raw)).toBe(raw);
  },
);

test('the journal of an earlier version is read with the words of today', () => {
  const attempt = { at: '2026-03-01T10:00:00Z', pid: 1, id: 'a', digest: 'd' };
  const left = { at: attempt.at, pid: 1, left: 1, cause: null };
  expect(readEntry({ ...attempt, event: 'lifted' })).toEqual({ ...attempt, event: 'retry-requested' });
  expect(readEntry({ ...attempt, event: 'skipped', detail: 'x' })).toMatchObject({ event: 'too-large' });
  expect(readEntry({ ...left, event: 'wave-ended' })).toEqual({ ...left, event: 'batch-ended' });
});
