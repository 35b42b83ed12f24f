import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { nextStep } from '../../../../plugins/nx-study/src/measure/one/next-step.ts';
import type { Batch } from '../../../../plugins/nx-study/src/measure/batch/batch.ts';
import { openWholeMemory } from '../../../../plugins/nx-study/src/record/whole-memory.ts';
import { STUDY, studyOf } from '../../record/workspace.ts';
import { indexFinished } from '../../../../plugins/nx-study/src/state/finished.ts';

type Study = Awaited<ReturnType<typeof studyOf>>;

/** What a run finds to do for the measurement of size 1, and what it prints. */
async function look(study: Study, deriving: string | null = null) {
  const lines: string[] = [];
  const batch = {
    workspaceRoot: study.root,
    finished: await indexFinished(study.root),
    whole: await openWholeMemory(study.root),
    outOfMemory: { whyTooLarge: () => Promise.resolve(null), changed() {} },
    print: (line: string) => void lines.push(line),
    printOnce: (line: string) => void lines.push(line),
  } as unknown as Batch;
  return { ...(await nextStep(batch, study.of(1).task, deriving)), lines };
}

/** A copy of the measurement of size 1 in another study, as after a renaming. */
async function copyElsewhere(study: Study): Promise<string> {
  const directory = study.directoryOf(1);
  const other = directory.replace(`results/${STUDY}/`, 'results/other/');
  await cp(directory, other, { recursive: true });
  return other;
}

test('what is whole is reused', async () => {
  const study = await studyOf([1]);
  await study.measured(1);
  expect(await look(study)).toMatchObject({ state: 'ended', success: true, lines: [] });
});

test('what is damaged is measured again, and it says why', async () => {
  const study = await studyOf([1]);
  const directory = await study.measured(1);
  // What failed before it was measured says nothing of it.
  await study.failed(1, 'oom');
  await writeFile(join(directory, 'result.json'), '{}');
  const { lines, ...found } = await look(study);
  expect(found).toEqual({ state: 'measure', isDamaged: true });
  expect(lines).toEqual([
    expect.stringMatching(/: it was measured, but doesn't count any more: result\.json is not the one/),
  ]);
});

test('what is damaged elsewhere is not reused', async () => {
  const study = await studyOf([1]);
  const directory = await study.measured(1);
  const other = await copyElsewhere(study);
  await rm(dirname(directory), { recursive: true });
  await writeFile(join(other, 'files/steps.txt'), 'other');
  expect((await look(study)).state).toBe('measure');
});

test('a whole copy takes the place of a damaged one, which is kept', async () => {
  const study = await studyOf([1]);
  const directory = await study.measured(1);
  await copyElsewhere(study);
  await writeFile(join(directory, 'result.json'), '{}');
  expect(await look(study)).toMatchObject({ state: 'ended', success: true });
  expect(JSON.parse(await readFile(join(directory, 'result.json'), 'utf8'))).toMatchObject({ payload: { count: 1 } });
  const kept = join(study.root, 'results', STUDY, 'failed', study.of(1).task.id);
  expect(await readdir(kept)).toEqual(['001']);
  expect(await readFile(join(kept, '001/result.json'), 'utf8')).toBe('{}');
  expect((await study.views())[1]).toMatchObject({ report: 'measured', status: 'measured', plan: 'measured' });
});

test('where diagnostics alone are damaged they are derived again, from draws that are those that were measured', async () => {
  const study = await studyOf([1]);
  const directory = await study.measured(1);
  await writeFile(join(directory, 'derived.json'), '{');
  expect(await look(study, 'deriving')).toMatchObject({ state: 'derive', directory });
  // As long as before.
  await writeFile(join(directory, 'draws.bin'), 'other');
  expect(await look(study, 'deriving')).toMatchObject({ state: 'measure', isDamaged: true });
  await rm(join(directory, 'draws.bin'));
  expect(await look(study, 'deriving')).toMatchObject({ state: 'measure', isDamaged: true });
});

test('draws that are not those that were measured derive nothing', async () => {
  const study = await studyOf([1]);
  const directory = await study.measured(1);
  expect((await look(study, 'deriving')).state).toBe('derive');
  await writeFile(join(directory, 'draws.bin'), 'other');
  expect(await look(study, 'deriving')).toMatchObject({ state: 'measure', isDamaged: true });
});
