import { cp, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { withElsewhere } from '../../../plugins/nx-study/src/state/elsewhere.ts';
import { gather } from '../../../plugins/nx-study/src/state/gather.ts';
import { csvLines } from '../tables/csv.ts';
import { STUDY, studyOf } from '../record/workspace.ts';

/** A study in two places: sizes 1 and 2 were measured here, 2 and 3 elsewhere, by another machine. */
async function inTwoPlaces() {
  const study = await studyOf([1, 2, 3, 4]);
  const elsewhere = await mkdtemp(join(tmpdir(), 'nx-study-elsewhere-'));
  onTestFinished(() => rm(elsewhere, { recursive: true, force: true }));
  const supervisor = { host: 'gpu-box', pid: 1, boot: 'other', start_time: null };
  await study.measured(2, { supervisor });
  await study.measured(3, { supervisor });
  await rename(join(study.root, 'results'), join(elsewhere, 'results'));
  await study.measured(1);
  await study.measured(2);
  const results = async (...folders: string[]) => withElsewhere(study.root, await gather(study.root, STUDY), folders);
  return { study, elsewhere, results };
}

test('results of another machine are rows beside the own ones; a missing one gives way to them', async () => {
  const { elsewhere, results } = await inTwoPlaces();
  const lines = csvLines(await results(elsewhere));
  expect(lines.map((line) => [line['configuration.size'], line['state'], line['host'] === 'gpu-box'])).toEqual([
    ['1', 'measured', false],
    ['2', 'measured', false],
    ['4', 'pending', false],
    ['2', 'measured', true],
    ['3', 'measured', true],
  ]);
  expect(csvLines(await results()).map((line) => line['state'])).toEqual([
    'measured',
    'measured',
    'pending',
    'pending',
  ]);
});

test('a copy of an attempt is no further repetition, in whichever folder it lies', async () => {
  const { study, elsewhere, results } = await inTwoPlaces();
  const own = csvLines(await results());
  expect(csvLines(await results('.'))).toEqual(own);
  const once = csvLines(await results(elsewhere));
  expect(csvLines(await results(elsewhere, elsewhere))).toEqual(once);
  // As a cache does that both machines share.
  await cp(join(study.root, 'results'), join(elsewhere, 'results'), { recursive: true, force: false });
  expect(csvLines(await results(elsewhere))).toEqual(once);
});

test('a workspace, its results, or those of the study name the same place; nothing is written there', async () => {
  const { elsewhere, results } = await inTwoPlaces();
  const before = await readdir(elsewhere, { recursive: true });
  const whole = csvLines(await results(elsewhere));
  expect(csvLines(await results(join(elsewhere, 'results')))).toEqual(whole);
  expect(csvLines(await results(join(elsewhere, 'results', STUDY)))).toEqual(whole);
  expect(await readdir(elsewhere, { recursive: true })).toEqual(before);
});

test('a folder without results of the study is refused with its name', async () => {
  const { elsewhere, results } = await inTwoPlaces();
  await expect(results('nowhere')).rejects.toThrow(/nowhere holds no results of sizes: give/);
  await cp(join(elsewhere, 'results', STUDY), join(elsewhere, 'results/other'), { recursive: true });
  await expect(results(join(elsewhere, 'results/other'))).rejects.toThrow(/other holds no results of sizes/);
});

test('a copied workspace whose results lie on a disk of its own machine has none here', async () => {
  const { study, results } = await inTwoPlaces();
  const copy = await mkdtemp(join(tmpdir(), 'nx-study-copy-'));
  onTestFinished(() => rm(copy, { recursive: true, force: true }));
  const plugins = [{ plugin: 'nx-study/plugin', options: { results: join(study.root, 'results') } }];
  await writeFile(join(copy, 'nx.json'), JSON.stringify({ plugins }));
  await expect(results(copy)).rejects.toThrow(`${copy} holds no results of ${STUDY}`);
});
