import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { states } from '../../../plugins/nx-study/src/state/states.ts';
import { STUDY, studyOf } from '../record/workspace.ts';

/** One measurement in each state, and how it got there. */
async function everyState() {
  const study = await studyOf([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 2000], { expect: [6] });
  await study.measured(1);
  await study.begun(2, true);
  await study.begun(3, false);
  await study.failed(4, 'interrupted');
  await study.failed(5, 'crash');
  await study.failed(6, 'oom');
  await study.failed(7, 'too-large');
  await writeFile(join(await study.measured(8), 'result.json'), '{}');
  await study.stale(9);
  await study.failed(10, 'oom', { retry_requested_at: '2026-03-01T11:00:00Z' });
  // Killed after its result was complete, before it was put into its place.
  await study.begun(11, false, { outcome: 'measured' });
  return study;
}

const expected = {
  1: 'measured',
  2: 'running',
  3: 'interrupted',
  4: 'interrupted',
  5: 'failed',
  6: 'expected-failure',
  7: 'too-large',
  8: 'damaged',
  9: 'stale',
  10: 'pending',
  11: 'interrupted',
  12: 'pending',
};

const inAllViews = (words: Record<number, string>) =>
  Object.fromEntries(
    Object.entries(words).map(([size, word]) => [size, { report: word, csv: word, plan: word, status: word }]),
  );

test('a measurement has the same state in report, CSV, plan and status', async () => {
  const study = await everyState();
  expect(await study.views()).toEqual(inAllViews(expected));
  expect(new Set(Object.values(expected))).toEqual(new Set(states));
});

test('and so it has without a journal', async () => {
  const study = await everyState();
  await rm(join(study.root, 'results', STUDY, 'journal.jsonl'));
  expect(await study.views()).toEqual(inAllViews(expected));
});

test('counts of status go by the same words', async () => {
  const study = await everyState();
  const { counts } = await study.look();
  const words = Object.values(expected);
  const counted = Object.fromEntries(states.map((state) => [state, words.filter((word) => word === state).length]));
  expect(counts).toEqual(counted);
});

test('a configuration that its worker refuses is invalid, and nothing is skipped', async () => {
  const study = await everyState();
  const { csv, preview, report } = await study.rowsOf();
  expect(csv.filter(({ id }) => id === '')).toMatchObject([{ state: 'invalid', 'varied.size': '2000' }]);
  expect(preview.plan.invalid).toMatchObject([{ varied: { size: 2000 } }]);
  expect(`${report.text}${JSON.stringify(csv)}${JSON.stringify(preview)}`).not.toMatch(/skipped/i);
});

test('what earlier versions called skipped is too large', async () => {
  const study = await studyOf([1, 2]);
  const directory = await study.failed(1, 'too-large');
  const journal = join(study.root, 'results', STUDY, 'journal.jsonl');
  for (const file of [join(directory, 'record.json'), journal])
    await writeFile(
      file,
      (await readFile(file, 'utf8'))
        .replaceAll('"too-large"', '"skipped"')
        .replace(/"checksum": "\w+"/, '"checksum": null'),
    );
  expect(await study.views()).toEqual(inAllViews({ 1: 'too-large', 2: 'pending' }));
  await rm(journal);
  expect(await study.views()).toEqual(inAllViews({ 1: 'too-large', 2: 'pending' }));
});
