import { expect, test } from 'vitest';
import { answerOf } from '../../../plugins/nx-study/src/comparisons/answer.ts';
import { calibrationStudy } from '../page/posterior/study.ts';
import { calibrationOf, even } from '../kinds/posterior/calibration/fits.ts';

const low = (index: number) => Math.floor(even(index) ** 2 / 100);
const parts = (count: number, made: Parameters<typeof calibrationOf>[0] = {}) =>
  Array.from({ length: count }, (_, at) => calibrationOf({ ...made, first: at * 10, count: 10 }));

async function answer(...given: Parameters<typeof calibrationStudy>): Promise<string[]> {
  const { results, comparisons } = await calibrationStudy(...given);
  return answerOf(results, comparisons);
}

test('uniform ranks over all repetitions are the answer, with the coverage and its interval', async () => {
  expect(await answer(parts(10, { ranks: { mu: even, tau: even } }))).toEqual([
    'Under `flat`, ranks of 2 of 2 quantities are compatible with a uniform distribution over 100 fits of simulated data; 90 % intervals have the true value in 90.0 % of cases (84.0 % to 96.0 %).',
  ]);
});

test('ranks that are not uniform are named, with what that means', async () => {
  const [sentence] = await answer(parts(10, { ranks: { mu: even, tau: low } }));
  expect(sentence).toMatch(
    /^Under `flat`, ranks of 1 of 2 quantities are not uniform over 100 fits of simulated data \(tau, p < 0\.001\): right draws show that in at most 5 % of studies/,
  );
});

test('flagged fits, few fits and missing measurements are said', async () => {
  const [sentence, ...others] = await answer([...parts(3, { flagged: [4, 25] }), null]);
  expect(sentence).toContain('over 30 fits');
  expect(others).toEqual([
    '2 of 30 fits of `flat` are flagged for their R-hat, effective sample size or divergences, or failed; they count all the same where they have ranks.',
    '30 fits of `flat` show gross errors only; 100 or more are usual.',
    '3 of 4 measurements of `flat` are there; the others may change this.',
  ]);
});

test('a measurement with many flagged fits fails its gate, which is said first', async () => {
  const [failed] = await answer(parts(10, { flagged: [0, 1, 2] }));
  expect(failed).toBe('Gates failed, so these numbers are not to be relied on: flat.');
});
