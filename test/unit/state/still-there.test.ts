import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
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
