import { expect, test } from 'vitest';
import { answerOf } from '../../../plugins/nx-study/src/comparisons/answer.ts';
import { comparisonsOf } from '../../../plugins/nx-study/src/comparisons/compare.ts';
import { realJson } from '../kinds/posterior/real.ts';
import { posteriorStudy } from '../page/posterior/study.ts';
import type { Given } from '../page/posterior/study.ts';

async function answer(given: Record<string, Given>): Promise<string[]> {
  const { results } = await posteriorStudy(given);
  return answerOf(results, comparisonsOf(results));
}

const NORMAL = { derived: realJson('normal') };
const LOGNORMAL = { derived: realJson('lognormal') };

test('each experiment has a sentence with its numbers; times without an interval do not drown it', async () => {
  const said = await answer({ normal: NORMAL, lognormal: LOGNORMAL, halfnormal: { derived: realJson('halfnormal') } });
  expect(said).toHaveLength(2);
  expect(said[0]).toMatch(/^Against `normal`, `lognormal` moves the party gap from 1\.8299 to 1\.8185 \(−0\.0114,/);
  expect(said[1]).toMatch(/^Against `normal`, the party gap under `halfnormal` can't be told from 1\.8299/);
});

test('failed gates of either side are said with the numbers', async () => {
  const bad = realJson('normal');
  bad.variables.beta.rhat_max = 1.2;
  const [ofBaseline] = await answer({ normal: { derived: bad }, lognormal: LOGNORMAL });
  expect(ofBaseline).toBe('Gates failed, so this is not to be relied on: `normal` (rhat_max).');
  const candidate = realJson('lognormal');
  candidate.ebfmi = [0.1, 1, 1, 1];
  candidate.ebfmi_min = 0.1;
  const [ofCandidate] = await answer({ normal: NORMAL, lognormal: { derived: candidate } });
  expect(ofCandidate).toBe('Gates failed, so this is not to be relied on: `lognormal` (ebfmi_min).');
});

test('refusals of one reason are one sentence; where all are refused, the general answer follows', async () => {
  const other = realJson('lognormal');
  other.basis.votes = 'others';
  const said = await answer({ normal: NORMAL, a: { derived: other }, b: { derived: other } });
  expect(said[0]).toBe("2 experiments can't be compared with `normal` (a, b): they differ in votes.");
  expect(said.length).toBeGreaterThan(1);
});

test('two that answer different questions have their numbers beside each other, and no difference in any place', async () => {
  const other = realJson('lognormal');
  other.basis.votes = 'others';
  const { results, render } = await posteriorStudy({ normal: NORMAL, other: { derived: other } });
  const comparisons = comparisonsOf(results);
  expect(answerOf(results, comparisons)[1]).toBe(
    'Beside each other, without a difference: the party gap is 1.830 [1.802, 1.855] under `normal`, 1.818 [1.789, 1.846] under `other` (brackets: the middle 90 % of the draws).',
  );
  const gap = comparisons.metrics.find(({ metric }) => metric.name === 'party_gap')!;
  expect(gap.entries.map(({ against }) => against)).toMatchObject([
    { value: null },
    { value: null, reason: 'they differ in votes' },
  ]);
  expect(await render(140)).not.toContain('-0.011');
});

test('of many experiments three have sentences, the others are counted', async () => {
  const many = Object.fromEntries(Array.from({ length: 6 }, (_, index) => [`p${index}`, LOGNORMAL]));
  const said = await answer({ normal: NORMAL, ...many });
  expect(said).toHaveLength(4);
  expect(said[3]).toBe('3 more experiments are compared in the tables of the report.');
});

test('the terminal has the same sentence, and the interval beside the mean', async () => {
  const { render } = await posteriorStudy({ normal: NORMAL, lognormal: LOGNORMAL });
  const text = await render(140);
  expect(text).toContain('Against `normal`, `lognormal` moves the party gap from 1.8299 to 1.8185');
  expect(text).toContain('1.830 [1.802, 1.855]');
  expect(text).toContain("Brackets beside a mean: the middle 90 % of the posterior's draws");
});

const measuredOn = (host: string) => ({
  attempt: { record: { supervisor: { host, pid: 1, boot: host, start_time: null } } },
});

test('a posterior does not depend on the machine: it is compared with a baseline that another one measured', async () => {
  const [alone, ...more] = await answer({
    normal: { ...NORMAL, ...measuredOn('one') },
    lognormal: { ...LOGNORMAL, ...measuredOn('two') },
  });
  expect(alone).toMatch(/^Against `normal on one`, `lognormal on two` moves the party gap from 1\.8299 to 1\.8185/);
  expect(more).toEqual([]);
});

test('one that has no single baseline is named beside those that are compared', async () => {
  const on = (votes: string) => ({ varied: { votes } });
  const { results } = await posteriorStudy(
    {
      a: { ...NORMAL, settings: on('all') },
      b: { ...NORMAL, settings: on('some') },
      c: { ...LOGNORMAL, settings: on('some') },
      d: { ...LOGNORMAL, settings: on('none') },
    },
    { baseline: ['a-1a2b3c4d', 'b-1a2b3c4d'] },
  );
  const said = answerOf(results, comparisonsOf(results));
  expect(said[0]).toMatch(/^Against `b`, `c` moves the party gap/);
  expect(said[1]).toBe('Not compared with a baseline: `d`, as several baselines are equally near: a, b.');
});

test('where the nearest baseline is not measured, another one does not stand for it', async () => {
  const on = (votes: string) => ({ varied: { votes } });
  const { results } = await posteriorStudy(
    {
      a: { ...NORMAL, settings: on('all') },
      b: { derived: null, settings: on('some') },
      c: { ...LOGNORMAL, settings: on('some') },
      d: { ...LOGNORMAL, settings: on('all') },
    },
    { baseline: ['a-1a2b3c4d', 'b-1a2b3c4d'] },
  );
  const said = answerOf(results, comparisonsOf(results));
  expect(said[0]).toMatch(/^Against `a`, `d` moves the party gap/);
  expect(said[1]).toBe('Not compared with a baseline: `c`, as the baseline is not measured.');
});
