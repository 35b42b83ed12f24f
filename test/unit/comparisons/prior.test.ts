import { expect, test } from 'vitest';
import { isAbsent } from '../../../plugins/nx-study/src/base/known.ts';
import { answerOf } from '../../../plugins/nx-study/src/comparisons/answer.ts';
import { comparisonsOf } from '../../../plugins/nx-study/src/comparisons/compare.ts';
import { posteriorPairs, posteriorsOf } from '../../../plugins/nx-study/src/comparisons/posterior.ts';
import { comparisonsTable } from '../../../plugins/nx-study/src/comparisons/table.ts';
import { measurementsTable } from '../../../plugins/nx-study/src/tables/measurements.ts';
import { drawnJson, widerJson } from '../kinds/posterior/priors.ts';
import { realJson } from '../kinds/posterior/real.ts';
import { posteriorStudy } from '../page/posterior/study.ts';
import type { Given } from '../page/posterior/study.ts';

const given = ({ payload, derived }: ReturnType<typeof drawnJson>): Given => ({ derived, attempt: { payload } });
const NARROW = given(drawnJson('prior'));
const WIDE = given(widerJson(10));
const VOTES = given(drawnJson('prior-votes'));
const POSTERIOR: Given = { derived: realJson('normal') };

async function compared(study: Record<string, Given>) {
  const { results, render } = await posteriorStudy(study);
  const comparisons = comparisonsOf(results);
  return { results, comparisons, render, said: answerOf(results, comparisons) };
}

test('each prior has a sentence that says it is one; no number is taken for one of a posterior', async () => {
  const { said, comparisons, results } = await compared({ narrow: NARROW, wide: WIDE });
  expect(said[0]).toBe(
    'Under the prior of `narrow` (1,000 draws, no posterior), the 2 × mean is 0 [-35, 33] m, the mean of y is 0 [-17, 17], the sd of y is 0.94 [0.41, 1.54].',
  );
  expect(said[1]).toContain('Under the prior of `wide`');
  expect(said[2]).toBe('Numbers under a prior are medians; brackets have the middle 90 % of the draws.');
  expect(posteriorsOf(comparisons)).toEqual([]);
  const { entries } = comparisons.metrics.find(({ metric }) => metric.name === 'prior.twice')!;
  const { against } = entries[1]!;
  expect(isAbsent(against) ? against : against.estimate).toBeCloseTo(9 * 0.38938);
  expect(results.rows.map(({ verdict, gates }) => [verdict, gates.length])).toEqual([
    [null, 0],
    [null, 0],
  ]);
});

test('observed data that a prior hardly makes are said', async () => {
  const far = drawnJson('prior');
  const [data] = (far.derived as { prior: { predictive: { quantities: Record<string, { p_value: number }> }[] } }).prior
    .predictive;
  data!.quantities['sd']!.p_value = 0.001;
  const { said } = await compared({ far: given(far) });
  expect(said[0]).toContain('the observed sd of y lies outside the middle 90 % of the data that it makes.');
});

test.each([
  ['a posterior is the baseline', { posterior: POSTERIOR, drawn: VOTES }],
  ['a prior is the baseline', { drawn: VOTES, posterior: POSTERIOR }],
])('a prior and a posterior are not compared by anything: %s', async (_, study) => {
  const { comparisons, results, said } = await compared(study);
  for (const { entries } of comparisons.metrics)
    expect(entries[1]!.against).toEqual({
      value: null,
      reason: 'one of the two has draws from the prior only, the other one a posterior',
    });
  expect(posteriorPairs(posteriorsOf(comparisons), comparisons, results.design)).toEqual([]);
  const [, candidate] = Object.keys(study);
  expect(said).toContain(`${candidate}: draws from a prior are not compared with a posterior.`);
  expect(said.join(' ')).not.toMatch(/Against/);
  const { columns } = comparisonsTable('mine', comparisons);
  expect(columns.find(({ name }) => name === 'not_compared')!.cells).toContain(
    'one of the two has draws from the prior only, the other one a posterior',
  );
});

test('a prior whose baseline is not measured yet is not said to have a posterior against it', async () => {
  const { comparisons } = await compared({ narrow: { ...NARROW, derived: null }, wide: WIDE });
  const { entries } = comparisons.metrics.find(({ metric }) => metric.name === 'prior.twice')!;
  expect(entries[1]!.against).not.toMatchObject({ reason: expect.stringContaining('a posterior') });
});

test('tables and the terminal name numbers of a prior as such', async () => {
  const { results, render } = await compared({ posterior: POSTERIOR, drawn: VOTES });
  const { columns } = measurementsTable(results);
  const cells = (name: string) => columns.find((one) => one.name === name)?.cells;
  expect(cells('prior.yea_rate')).toEqual([undefined, expect.closeTo(0.4947, 3)]);
  expect(cells('prior.yea_rate_low')).toEqual([undefined, expect.closeTo(0.398, 3)]);
  expect(cells('prior.yea_rate_high')).toEqual([undefined, expect.closeTo(0.601, 3)]);
  expect(cells('prior.yea_rate_sd')).toBeUndefined();
  expect(cells('party_gap')![1]).toBeUndefined();
  expect(cells('rhat_max_reason')![1]).toMatch(/no posterior was sampled/);
  const text = await render(200);
  expect(text).toContain('share of 1 (prior)');
  expect(text).toContain('from-prior');
  expect(text).toContain('Numbers named “(prior)” are medians of draws from the prior');
});
