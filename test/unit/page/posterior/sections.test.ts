import { expect, test } from 'vitest';
import type { JsonObject } from '../../../../plugins/nx-study/src/base/json.ts';
import { realJson } from '../../kinds/posterior/real.ts';
import type { Prior } from '../../kinds/posterior/real.ts';
import { diagnostics, payload } from '../../kinds/evidence.ts';
import { checked } from './checked.ts';
import { pageOf, sectionOf, withParts } from './study.ts';
import type { Given } from './study.ts';

const whole = (prior: Prior): Given => ({ derived: withParts(realJson(prior)) });
const SENATE = { normal: whole('normal'), lognormal: whole('lognormal'), halfnormal: whole('halfnormal') };

const count = (text: string, pattern: RegExp): number => [...text.matchAll(pattern)].length;
const marks = (text: string): number => count(text, /class="(?:mark|est)[^"]*"/g);

function expectSound(page: string): void {
  const text = page.replaceAll(/<(style|script)[^>]*>.*?<\/\1>/gs, '').replaceAll(/<[^>]*>/g, ' ');
  expect(text).not.toMatch(/\bNaN\b|\bInfinity\b|\bundefined\b|\bnull\b|\[object/);
  expect(page).not.toMatch(/="[^"]*\b(NaN|Infinity|undefined)\b/);
  const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
  expect(new Set(ids).size).toBe(ids.length);
}

test('the answer comes first, with numbers; then a section for each question', async () => {
  const page = await pageOf(SENATE);
  expectSound(page);
  const answer = page.indexOf(
    '<p>Against <b>normal</b>, <b>lognormal</b> moves the party gap from 1.8299 to 1.8185 (−0.0114,',
  );
  expect(answer).toBeGreaterThan(0);
  expect(answer).toBeLessThan(page.indexOf('<main>'));
  const sections = [...page.matchAll(/<section id="posterior-([^"]+)"/g)].map(([, id]) => id);
  expect(sections).toEqual([
    'findings',
    'model',
    'positions',
    'forest',
    'quantities',
    'rollcalls',
    'convergence',
    'signs',
    'priors',
    'checks',
    'prediction',
    'parameters',
  ]);
});

test('figures have a mark for each senator, roll call and experiment', async () => {
  const page = await pageOf(SENATE);
  const figure = (section: string, title: string) => {
    const text = sectionOf(page, section);
    const from = text.indexOf(`<h3>${title}`);
    expect(from).toBeGreaterThan(0);
    return text.slice(from, text.indexOf('<ul class="key">', from));
  };
  expect(marks(figure('positions', 'Whether the experiments place people alike'))).toBe(2 * 12);
  expect(marks(figure('positions', 'Who moves by more than the uncertainty'))).toBe(2 * 12);
  expect(marks(figure('forest', 'Positions under normal'))).toBe(12);
  const rollcalls = sectionOf(page, 'rollcalls');
  expect(marks(rollcalls.slice(0, rollcalls.indexOf('<details')))).toBe(3 * 7);
  expect(marks(figure('checks', 'Votes that the model would have cast'))).toBe(3 * 2);
});

test('the table of findings has the difference beside its Monte Carlo error, and who moved', async () => {
  const findings = sectionOf(await pageOf(SENATE), 'findings');
  for (const part of [
    '−0.01143 ± 0.00019',
    'within uncertainty',
    '0 of 12',
    '1.818 [1.789, 1.846]',
    'indistinguishable',
  ])
    expect(findings).toContain(part);
});

test('other observations are refused, with the reason, and no number stands for them', async () => {
  const other = realJson('lognormal');
  other.basis.votes = 'others';
  const page = await pageOf({ normal: whole('normal'), lognormal: { derived: other } });
  expectSound(page);
  expect(page).toContain('<b>lognormal</b> can&#39;t be compared with <b>normal</b>: they differ in votes.');
  const positions = sectionOf(page, 'positions');
  expect(positions).toContain('lognormal is not compared here: they differ in votes.');
  expect(count(positions, /<figure/g)).toBe(0);
  expect(sectionOf(page, 'findings')).toContain('they differ in votes');
  expect(sectionOf(page, 'findings')).not.toContain('−0.0114');
});

test('a difference of elpd that hangs on observations that are not reliable is marked so', async () => {
  const other = withParts(realJson('lognormal')) as ReturnType<typeof realJson>;
  other.loo.elpd_i = realJson('normal').loo.elpd_i.map(
    (value: number, index: number) => value + (index === 3 ? 30 : 0.5),
  );
  other.loo.pareto_k = { limit: 0.7, above: 1, max: 1.2, at: [3], worst: [{ item: 'BYRD' }] };
  const prediction = sectionOf(await pageOf({ normal: whole('normal'), lognormal: { derived: other } }), 'prediction');
  expect(prediction).toContain(
    'Difference of lognormal: 40 observations, below 100, make its standard error too small as a rule.',
  );
  expect(prediction).toContain(
    'Difference of lognormal: without 1 observation that is not reliable the answer is another one: +19.5 ± 0, better.',
  );
});

test('each experiment has the limit of Pareto k that follows from its draws', async () => {
  const [one, other] = (['normal', 'lognormal'] as const).map((prior) => {
    const derived = withParts(realJson(prior)) as ReturnType<typeof realJson>;
    const limit = prior === 'normal' ? 1 - 1 / Math.log10(600) : 0.7;
    derived.loo.pareto_k = { limit, above: 1, max: 1.2, at: [3], worst: [{ item: 'BYRD' }] };
    return { derived };
  });
  expect(sectionOf(await pageOf({ normal: one!, lognormal: other! }), 'prediction')).toContain(
    'Not reliable in parts: 1 of 5,881 under normal (Pareto k above 0.64), 1 of 5,881 under lognormal (Pareto k above 0.70); there',
  );
});

test('data drawn from the model stand beside the observed ones, with LOO-PIT, sensitivities and overlap', async () => {
  const page = await pageOf({ normal: { derived: checked(withParts(realJson('normal'))) } });
  expectSound(page);
  const predictive = sectionOf(page, 'predictive');
  for (const part of [
    'Could the model have made these data?',
    '7.5 [6.5, 8.5]', // replicated
    '−3.3 [−4.3, −2.3]', // under the prior alone
    '1 of 3 points outside the band; 8 observations',
    'normal, won has no LOO-PIT: of two values every place is nearly uniform, whatever the model.',
    'the model has potentials, which draws from the prior would leave out',
  ])
    expect(predictive).toContain(part);
  expect(count(predictive, /<figure/g)).toBe(2);
  const sensitivity = sectionOf(page, 'sensitivity');
  expect(sensitivity).toContain('potential prior-data conflict');
  expect(sensitivity).toContain('xi, beta');
  for (const part of ['by chance up to 0.060', 'without the potentials limit, which are not scaled'])
    expect(sensitivity).toContain(part);
  const priors = sectionOf(page, 'priors');
  for (const part of ['xi[FEINGOLD]', 'xi[BUSH]', '2 of 102', 'its values are no real numbers'])
    expect(priors).toContain(part);
});

test('where there are no sensitivities, the reason stands there', async () => {
  const derived = checked(withParts(realJson('normal'))) as ReturnType<typeof realJson>;
  derived.sensitivity = null;
  derived.reasons.sensitivity = 'needs 100 draws; there are 40';
  derived.predictive[0] = { ...derived.predictive[0], quantities: null, quantiles: null, loo_pit: null, prior: null };
  derived.reasons['predictive.0'] = 'data cannot be drawn from the model';
  const page = await pageOf({ normal: { derived } });
  expectSound(page);
  expect(sectionOf(page, 'sensitivity')).toContain('normal has no sensitivities: needs 100 draws; there are 40.');
  expect(sectionOf(page, 'predictive')).toContain('data cannot be drawn from the model');
  expect(count(sectionOf(page, 'predictive'), /<figure/g)).toBe(0);
});

test('where no draws were kept for predictive checks, the reason stands there, and no next step that would not help', async () => {
  const derived = withParts(realJson('normal')) as ReturnType<typeof realJson>;
  const reason = '`keep: summary` leaves out the draws of xi, alpha, beta';
  derived.sections['ideal-point'].predictive = null;
  derived.sections['ideal-point'].fit = { draws_used: 0, correct_share: null, majority_share: 0.6, apre: null };
  for (const path of ['predictive', 'fit']) derived.reasons[`sections.ideal-point.${path}`] = reason;
  const page = await pageOf({ normal: { derived } });
  expectSound(page);
  const checks = sectionOf(page, 'checks');
  expect(checks).toContain(`No predictive checks of normal: ${reason}.`);
  expect(checks).not.toContain('Derive again');
  expect(checks).toContain('60.0');
});

test('rates of roll calls, and those of the prior alone, stand with the votes', async () => {
  const derived = withParts(realJson('normal')) as ReturnType<typeof realJson>;
  const votes = derived.sections['ideal-point'];
  const rates = {
    observed: [0.2, 0.4, 0.5, 0.6, 0.7, 0.8, null],
    replicated_mean: [0.21, 0.4, 0.5, 0.6, 0.7, 0.8, null],
    replicated_low: [0.1, 0.3, 0.4, 0.5, 0.6, 0.7, null],
    replicated_high: [0.3, 0.5, 0.6, 0.7, 0.8, 0.9, null],
  };
  votes.predictive.rates = { rollcall: rates, legislator: rates };
  votes.prior_predictive = {
    by_party: { D: { votes: 20, observed_share: 0.2, replicated_mean: 0.487, replicated_eti90: [0.27, 0.7] } },
  };
  const page = await pageOf({ normal: { derived } });
  expectSound(page);
  const checks = sectionOf(page, 'checks');
  const from = checks.indexOf('Roll calls, as cast and as the model would have cast them');
  expect(marks(checks.slice(from, checks.indexOf('<ul class="key">', from)))).toBe(6);
  expect(checks).toContain('as the prior alone would have them');
  expect(checks).toContain('0.49 [0.27, 0.70]');
});

test('observations that are not reliable stand with their numbers, five of each experiment', async () => {
  const derived = withParts(realJson('normal')) as ReturnType<typeof realJson>;
  const worst = Array.from({ length: 6 }, (_, index) => ({
    observation: index,
    item: `BYRD, vote ${index}`,
    pareto_k: index === 0 ? null : 1 - index / 100,
    elpd: -4.25 - index,
    p_loo: 1.75,
    ess: 12.5,
  }));
  derived.loo.pareto_k = { limit: 0.7, above: 6, max: null, at: [0, 1, 2, 3, 4, 5], worst };
  derived.loo.ess_min = 9.5;
  const page = await pageOf({ normal: { derived }, lognormal: whole('lognormal') });
  expectSound(page);
  const prediction = sectionOf(page, 'prediction');
  const rows = [...prediction.matchAll(/<tr[^>]*>.*?<\/tr>/gs)].map(([row]) => row.replaceAll(/<[^>]*>|\s+/g, ' '));
  expect(rows.filter((row) => /BYRD, vote [1-5]/.test(row))).toHaveLength(4);
  const second = rows.find((row) => row.includes('BYRD, vote 1'));
  for (const shown of ['normal', '0.99', '−5.25', '1.75', '12.5']) expect(second).toContain(shown);
  expect(rows.find((row) => / normal .* −1,?738/.test(row))).toContain('9.5');
  expect(prediction).toContain('ESS is how many draws the importance weights are worth');
  expect(sectionOf(await pageOf({ normal: whole('normal') }), 'prediction')).not.toContain('ESS is how many');
});

test('each of several observed variables has a row of its own', async () => {
  const several = withParts(realJson('normal')) as ReturnType<typeof realJson>;
  several.loo_by = { y: several.loo, count: { ...several.loo, elpd_loo: -77.5 } };
  const page = await pageOf({ normal: { derived: several } });
  expectSound(page);
  expect(sectionOf(page, 'prediction')).toContain('normal, count alone');
  expect(sectionOf(page, 'prediction')).toContain('−77.5');
});

test('what an earlier version derived leaves a sentence with the next step, and no empty axis', async () => {
  const page = await pageOf({ normal: { derived: diagnostics }, lognormal: { derived: diagnostics } });
  expectSound(page);
  for (const id of ['quantities', 'convergence', 'priors', 'prediction']) {
    expect(sectionOf(page, id)).toContain('Derive again, which samples nothing: npx nx run senate-beta-prior:measure');
    expect(count(sectionOf(page, id), /<figure/g)).toBe(0);
  }
  for (const id of ['positions', 'forest', 'rollcalls', 'signs', 'checks', 'shrinkage'])
    expect(sectionOf(page, id)).toBe('');

  const partly = await pageOf({
    normal: { derived: realJson('normal') },
    lognormal: { derived: realJson('lognormal') },
  });
  expectSound(partly);
  for (const id of ['rollcalls', 'signs', 'checks']) {
    expect(sectionOf(partly, id)).toContain('normal, lognormal: derived.json has no');
    expect(count(sectionOf(partly, id), /<figure/g)).toBe(0);
  }
});

test('one experiment alone, and none: nothing is compared, and all else stands', async () => {
  const page = await pageOf({ normal: whole('normal') });
  expectSound(page);
  expect(page).toContain('There is only one experiment, so there is nothing to compare.');
  expect(sectionOf(page, 'positions')).toBe('');
  expect(sectionOf(page, 'forest')).toContain('Positions under normal');
  const nothing = await pageOf({ normal: { derived: null }, lognormal: { derived: null } });
  expectSound(nothing);
  expect(nothing).not.toContain('posterior-findings');
});

test('no name of a person, party or roll call can begin markup', async () => {
  const evil = `<script>alert(1)</script>"'`;
  const [normal, lognormal] = (['normal', 'lognormal'] as const).map((prior) => {
    const derived = realJson(prior);
    derived.estimates.party_gap.label = evil;
    for (const position of derived.sections['ideal-point'].positions) {
      position.name = evil;
      position.party = `${position.party}${evil}`;
    }
    const full = withParts(derived) as ReturnType<typeof realJson>;
    for (const rollcall of full.sections['ideal-point'].rollcalls) rollcall.rollcall = evil;
    return { derived: full };
  });
  const page = await pageOf({ normal: normal!, lognormal: lognormal! });
  expectSound(page);
  expect(page).not.toContain('<script>alert');
  expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
});

test('chains that were turned are named', async () => {
  const turned = withParts(realJson('lognormal')) as ReturnType<typeof realJson>;
  turned.sections['ideal-point'].sign.turned_chains = [1];
  const page = await pageOf({ normal: whole('normal'), lognormal: { derived: turned } });
  expect(sectionOf(page, 'signs')).toContain('Chains of lognormal have different sides positive');
  const opposite = withParts(realJson('lognormal')) as ReturnType<typeof realJson>;
  opposite.sections['ideal-point'].sign.per_chain_correlation_with_pc1[2] = -0.98;
  const mixed = await pageOf({ normal: whole('normal'), lognormal: { derived: opposite } });
  expect(sectionOf(mixed, 'signs')).toContain('Chains of lognormal have different sides positive');
  expect(sectionOf(await pageOf(SENATE), 'signs')).toContain('In all 3 experiments every chain has the same side');
});

test('a hierarchical model is held against the flat one of the same settings', async () => {
  const settings = (model: string, more = {}) => ({ settings: { configuration: { model, draws: 1000, ...more } } });
  const page = await pageOf({
    flat: { ...whole('normal'), ...settings('flat', { parametrisation: 'non-centred' }) },
    hierarchical: { ...whole('lognormal'), ...settings('hierarchical', { parametrisation: 'centred' }) },
  });
  expectSound(page);
  const shrinkage = sectionOf(page, 'shrinkage');
  expect(marks(shrinkage.slice(0, shrinkage.indexOf('<ul class="key">')))).toBe(12);
  const table = shrinkage.slice(shrinkage.lastIndexOf('<tbody>'));
  expect(count(table, /<tr/g)).toBe(12);
  expect(sectionOf(await pageOf(SENATE), 'shrinkage')).toBe('');
});

test('a second dimension has a figure of its own, and other figures stay with the first', async () => {
  const plane = withParts(realJson('lognormal')) as ReturnType<typeof realJson>;
  const positions: JsonObject[] = plane.sections['ideal-point'].positions;
  for (const [index, position] of positions.entries())
    position['second'] = { aligned: { mean: index === 0 ? null : index / 10, sd: 0.1, eti90: null } };
  const page = await pageOf({ normal: whole('normal'), plane: { derived: plane } });
  expectSound(page);
  const section = sectionOf(page, 'plane');
  // One panel, of the experiment that has a second dimension; the first person has no mean there.
  expect(marks(section.slice(0, section.indexOf('<ul class="key">')))).toBe(11);
  expect(section).toContain('has no mean');
  expect(sectionOf(await pageOf(SENATE), 'plane')).toBe('');
});

test('each model says what identifies it', async () => {
  const said = (identification: string) => ({ attempt: { payload: { ...payload, notes: { identification } } } });
  const page = await pageOf({
    flat: { ...whole('normal'), ...said('Location: the prior.') },
    plane: {
      ...whole('lognormal'),
      ...said('Rotation: two anchors.'),
      settings: { configuration: { model: 'two-dimensional' } },
    },
  });
  expectSound(page);
  expect(sectionOf(page, 'model')).toContain('the log-odds are β₁ ξ₁ + β₂ ξ₂ − α');
  expect(sectionOf(page, 'model')).not.toContain('In the Rasch model');
  expect(sectionOf(page, 'model')).toContain('Location: the prior. (flat); Rotation: two anchors. (plane)');
  expect(sectionOf(await pageOf(SENATE), 'model')).not.toContain('identification');
});

test('of many experiments six are drawn, all are in tables, and the page says so', async () => {
  const labels = Array.from({ length: 20 }, (_, index) => `prior-${index + 1}`);
  const page = await pageOf(Object.fromEntries(labels.map((label) => [label, whole('lognormal')])));
  expectSound(page);
  expect(sectionOf(page, 'forest')).toContain('Figures show the first 6 of 20 experiments');
  const findings = sectionOf(page, 'findings');
  expect(count(findings.slice(findings.indexOf('<tbody>')), /<tr/g)).toBe(20);
  expect(page).toContain('16 more experiments are compared in the tables of the report.');
  expect(page.length).toBeLessThan(1.5e6);
});

test('priors that a potential changes are not shown, and the reason is', async () => {
  const derived = checked(withParts(realJson('normal'))) as ReturnType<typeof realJson>;
  derived.priors = [];
  derived.reasons.priors = 'the model has limit: with a potential, a prior is not what is written for it';
  const page = await pageOf({ normal: { derived } });
  expectSound(page);
  expect(sectionOf(page, 'priors')).toContain(
    'normal has no priors beside its posteriors: the model has limit: with a potential',
  );
});
