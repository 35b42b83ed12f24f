import { utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { isUntouched } from '../../../plugins/nx-study/src/state/finished.ts';
import { missingOf } from '../../../plugins/nx-study/src/state/still-there.ts';
import { openWholeMemory } from '../../../plugins/nx-study/src/record/whole-memory.ts';
import { studyOf } from '../record/workspace.ts';

test('what was found whole is remembered, so that the next look hashes nothing', async () => {
  vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 60_000);
  onTestFinished(() => void vi.restoreAllMocks());
  const study = await studyOf([1, 2, 3]);
  const [whole, damaged] = [await study.measured(1), await study.measured(2)];
  await writeFile(join(damaged, 'result.json'), '{}');
  const missing = await missingOf(study.root, study.tasks);
  expect(missing.map(({ id }) => id)).toEqual(expect.arrayContaining([2, 3].map((size) => study.of(size).task.id)));
  const memory = await openWholeMemory(study.root);
  expect([whole, damaged].map((directory) => memory.begin(directory).isKnown)).toEqual([true, false]);
});

test('a result counts unread only with its whole digest, today’s diagnostics, no accepted change, and files as they were', async () => {
  vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 60_000);
  onTestFinished(() => void vi.restoreAllMocks());
  const study = await studyOf([1, 2]);
  const change = { because: 'a comment', at: '2026-03-01T10:00:00Z', by: null };
  const directory = await study.measured(1, {}, study.deriving);
  const accepted = { code: 'c'.repeat(64), environment: null, changes: [change] };
  await study.measured(2, { accepted }, study.deriving);
  await missingOf(study.root, study.tasks);
  const finder = { workspaceRoot: study.root, whole: await openWholeMemory(study.root) };
  const { task } = study.of(1);
  const other = `${task.digest.slice(0, 12)}${'0'.repeat(52)}`;
  expect(isUntouched(finder, task, study.deriving)).toBe(true);
  expect(isUntouched(finder, task, null)).toBe(true);
  expect(isUntouched(finder, task, 'later code')).toBe(false);
  expect(isUntouched(finder, { ...task, digest: other }, study.deriving)).toBe(false);
  expect(isUntouched(finder, study.of(2).task, study.deriving)).toBe(false);
  await utimes(join(directory, 'result.json'), 1, 1);
  expect(isUntouched(finder, task, study.deriving)).toBe(false);
});
