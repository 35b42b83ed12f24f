import { expect, test } from 'vitest';
import { absent, isAbsent } from '../../../plugins/nx-study/src/base/known.ts';
import { jsonOf } from '../../../plugins/nx-study/src/commands/compare/json.ts';
import { terminalText } from '../../../plugins/nx-study/src/commands/compare/text.ts';
import { compareVersions } from '../../../plugins/nx-study/src/commands/compare/versions.ts';
import { answerOf } from '../../../plugins/nx-study/src/comparisons/answer.ts';
import type { Comparisons } from '../../../plugins/nx-study/src/comparisons/compare.ts';
import { payload } from '../kinds/evidence.ts';
import { realJson } from '../kinds/posterior/real.ts';
import { measuredStudy } from './study.ts';

const REPETITIONS = 3;
/** What a sampler's seed changes: nearly nothing. */
const noise = (repetition: number) => [0, 0.01, -0.01][repetition - 1]!;

/** `normal` and `lognormal`, three times each; their elpd and APRE differ by more than the sampler's noise. */
async function study({ votes, relevant }: { votes?: string; relevant: Record<string, number> }) {
  const values = Array.from({ length: REPETITIONS }, () => ({}));
  return measuredStudy({ normal: values, lognormal: values }, { relevant }, (label, repetition) => {
    const derived = realJson(label === 'normal' ? 'normal' : 'lognormal');
    derived.loo.elpd_loo += (label === 'normal' ? 0 : 6) + noise(repetition);
    derived.estimates.apre.mean += (label === 'normal' ? 0 : 0.1) + noise(repetition) / 100;
    if (label !== 'normal' && votes !== undefined) derived.basis.votes = votes;
    return { kind: 'posterior', payload, derived };
  });
}

const of = ({ metrics }: Comparisons, name: string) => metrics.find(({ metric }) => metric.name === name)!;
const againstOf = (comparisons: Comparisons, name: string) => of(comparisons, name).entries[1]!.against;

const BY_OBSERVATION = expect.stringContaining('compared observation by observation');

test('elpd is never compared over repetitions, whose spread is that of the sampler', async () => {
  const { comparisons, results } = await study({ relevant: { elpd_loo: 4, p_loo: 1 } });
  for (const name of ['elpd_loo', 'p_loo']) {
    expect(againstOf(comparisons, name)).toEqual({ value: null, reason: BY_OBSERVATION });
    expect(of(comparisons, name).effects).toEqual({ value: null, reason: BY_OBSERVATION });
  }
  const said = answerOf(results, comparisons).join(' ');
  expect(said).toContain("Leave-one-out prediction can't tell the two apart");
  expect(said).not.toContain('elpd LOO');
});

test('a quantity that is one number has no sentence beside those of the posteriors, which judge it', async () => {
  const { comparisons, results } = await study({ relevant: { apre: 0.02 } });
  expect(againstOf(comparisons, 'apre')).toMatchObject({ estimate: expect.closeTo(0.1, 1) });
  expect(answerOf(results, comparisons).join(' ')).not.toMatch(/APRE is/i);
});

test('of other votes no number of a posterior is compared', async () => {
  const { comparisons, results } = await study({ votes: 'others', relevant: { apre: 0.02, pareto_k_above: 1 } });
  const refused = absent('they differ in votes');
  for (const name of ['apre', 'pareto_k_above', 'party_gap'])
    expect([againstOf(comparisons, name), of(comparisons, name).effects]).toEqual([refused, refused]);
  expect(answerOf(results, comparisons).join(' ')).not.toMatch(/APRE/i);
  // Times are those of the sampler.
  expect(isAbsent(againstOf(comparisons, 'sample_s'))).toBe(false);
});

test('nor in another working tree', async () => {
  const relevant = { elpd_loo: 4, apre: 0.02 };
  const [here, base] = [await study({ votes: 'others', relevant }), await study({ relevant })];
  const versions = compareVersions(here.results, base.results);
  const entry = (metric: string, label: string) =>
    versions.entries.find((one) => one.metric.name === metric && one.alternative.label === label)!;
  expect(entry('elpd_loo', 'normal').verdict).toEqual({ value: null, reason: BY_OBSERVATION });
  expect(entry('apre', 'lognormal')).toMatchObject({ against: { value: null }, is_worse: false });
  expect(entry('apre', 'lognormal').verdict).toEqual(absent('they differ in votes'));
  expect(isAbsent(entry('apre', 'normal').against)).toBe(false);
  expect(terminalText({ title: '', versions }, 200)).toContain('No verdict for lognormal');
  expect(JSON.stringify(jsonOf(versions))).toContain('"reason":"they differ in votes"');
});
