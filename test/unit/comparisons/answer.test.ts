import { expect, test } from 'vitest';
import { answerOf } from '../../../plugins/nx-study/src/comparisons/answer.ts';
import { measuredStudy, timesOf } from './study.ts';

async function answer(...study: Parameters<typeof measuredStudy>): Promise<string[]> {
  const { results, comparisons } = await measuredStudy(...study);
  return answerOf(results, comparisons);
}

const NOISY = timesOf(0.9, 1.3, 1.02);

test('who is higher, who is lower, and who can not be told apart, with intervals', async () => {
  expect(
    await answer({
      base: timesOf(1, 1.1, 1.05),
      slow: timesOf(2, 2.22, 2.09),
      fast: timesOf(0.5, 0.551, 0.526),
      noisy: NOISY,
    }),
  ).toMatchInlineSnapshot(`
    [
      "Against base, time is higher for slow (×2.003 [1.968, 2.038]); it is lower for fast (×0.5006 [0.4993, 0.5020]); it can't be told apart for noisy (×1.01 [0.71, 1.43], about 1,743 repetitions would be needed).",
      "Brackets are 95 % intervals. "Higher" and "lower" hold among all 3 comparisons that are shown (Holm's correction).",
    ]
  `);
});

test('without an interval it says the ratio and why; nothing is higher or lower then', async () => {
  const said = await answer({ base: timesOf(1, 1.1), other: timesOf(2, 2.2), third: timesOf(3, 3) });
  expect(said).toMatchInlineSnapshot(`
    [
      "Against base, time is ×2 for other and ×2.86 for third (no interval below 3 pairs of repetitions; there are 2).",
    ]
  `);
});

test('what weakens the numbers comes first', async () => {
  const findings = [{ code: 'neighbour', message: 'others used 2 cores' }];
  const [first] = await answer({ base: timesOf(1, 2), other: timesOf(1, 1) }, {}, () => ({ record: { findings } }));
  expect(first).toBe('Not to be relied on: other work, throttling or a suspension disturbed 4 of 4 measurements.');
});

test('nothing measured, one experiment, no baseline: each is said', async () => {
  expect(await answer({ base: [null], other: [null] })).toEqual(['Nothing is measured yet.']);
  expect(await answer({ base: timesOf(1) })).toEqual(['There is only one experiment, so there is nothing to compare.']);
  expect((await answer({ base: timesOf(1), other: timesOf(2) }, { baseline: [] }))[0]).toMatch(
    /^The study names no baseline/,
  );
});

test('a relevant difference changes the words', async () => {
  const relevant = { time_s: 0.1 };
  const [sentence] = await answer(
    { base: timesOf(1, 1.1, 1.05), same: timesOf(1.001, 1.102, 1.051), slow: timesOf(2, 2.22, 2.09) },
    { relevant },
  );
  expect(sentence).toMatch(
    /is higher for slow \(×2\.003 \[.*\]\); it differs by less than is relevant for same \(×1\.001/,
  );
});
