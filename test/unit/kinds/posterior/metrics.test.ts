import { expect, test } from 'vitest';
import { kindOf } from '../../../../plugins/nx-study/src/kinds/index.ts';
import type { Evidence } from '../../../../plugins/nx-study/src/kinds/kind.ts';
import { derivedOf, diagnostics, partOf, payload, posteriorEvidence, resultOf } from '../evidence.ts';

const posterior = kindOf('posterior');

const valuesOf = (evidence: Evidence) =>
  Object.fromEntries(partOf('posterior', evidence).metrics.map(({ name, value }) => [name, value]));
const metricOf = (evidence: Evidence, name: string) =>
  partOf('posterior', evidence).metrics.find((metric) => metric.name === name);

test('reads every metric, the worst over gated variables', () => {
  expect(valuesOf(posteriorEvidence())).toEqual({
    rhat_max: 1.0061,
    ess_min: 655.2,
    divergences: 0,
    ebfmi_min: 0.87,
    sample_s: 20,
    ess_bulk_per_sample_s: 35,
    rss_peak_bytes: 431_000_000,
    compile_s: 5.1,
    total_s: expect.closeTo(32, 9),
    ess_bulk_min: 700,
    ess_tail_min: 655.2,
    tree_depth_hits: 0,
    tree_depth_max: 6,
    gradients: 123_456,
    draws_kept: 4000,
    observations: 5240,
    parameters: 221,
    import_s: 6.2,
    data_s: 0.1,
    build_s: 0.4,
    write_s: 0.2,
    'xi.rhat_max': 1.004,
    'xi.ess_bulk_min': 812.4,
    'xi.ess_tail_min': 655.2,
    'xi.mcse_mean_max': 0.012,
    'beta.rhat_max': 1.0061,
    'beta.ess_bulk_min': 700,
    'beta.ess_tail_min': 900,
    'beta.mcse_mean_max': 0.02,
    'log_density.rhat_max': 1.2,
    'log_density.ess_bulk_min': 20,
    'log_density.ess_tail_min': 30,
    'log_density.mcse_mean_max': 1,
  });
});

test('a value without a number has a reason, and a number has none', () => {
  for (const evidence of [posteriorEvidence(), { result: null, derived: null }])
    for (const { value, reason } of partOf('posterior', evidence).metrics) expect(value === null).toBe(reason !== null);
});

test('one unknown R-hat makes the worst one unknown', () => {
  const variables = { ...diagnostics.variables, xi: { ...diagnostics.variables.xi, rhat_max: null } };
  const evidence = posteriorEvidence({
    derived: { variables, reasons: { 'variables.xi.rhat_max': 'constant in every chain' } },
  });
  expect(metricOf(evidence, 'rhat_max')).toMatchObject({ value: null, reason: 'xi: constant in every chain' });
  expect(metricOf(evidence, 'xi.rhat_max')).toMatchObject({ value: null, reason: 'constant in every chain' });
  expect(metricOf(evidence, 'ess_min')).toMatchObject({ value: 655.2 });
});

test('an unknown value of a variable that is not gated spoils nothing', () => {
  const variables = { ...diagnostics.variables, log_density: { ...diagnostics.variables.log_density, rhat_max: null } };
  expect(metricOf(posteriorEvidence({ derived: { variables } }), 'rhat_max')?.value).toBe(1.0061);
});

test('constant elements of a deterministic variable are told beside the numbers of the others', () => {
  const variables = { ...diagnostics.variables, xi: { ...diagnostics.variables.xi, constant: 3 } };
  const evidence = posteriorEvidence({ derived: { variables } });
  expect(metricOf(evidence, 'xi.rhat_max')?.description).toBe(
    'R-hat of xi, the worst of its 101 elements, without the 3 that are constant',
  );
  expect(metricOf(evidence, 'beta.rhat_max')?.description).toBe('R-hat of beta, the worst of its 60 elements');
  expect(partOf('posterior', evidence).facts).toContainEqual({
    name: 'constant_elements',
    label: 'constant',
    value: '3 of 101 of xi',
    main: false,
  });
  expect(partOf('posterior', posteriorEvidence()).facts).toEqual([]);
});

test('one unknown E-BFMI makes the lowest unknown, whatever ebfmi_min says', () => {
  const evidence = posteriorEvidence({ derived: { ebfmi: [0.9, null, 0.8], reasons: { 'ebfmi.1': 'too few draws' } } });
  expect(metricOf(evidence, 'ebfmi_min')).toMatchObject({ value: null, reason: 'too few draws' });
});

test('without gated variables there is no R-hat', () => {
  expect(metricOf(posteriorEvidence({ derived: { variables: {} } }), 'rhat_max')).toMatchObject({
    value: null,
    reason: 'no variable is gated',
  });
});

test('stopped while tuning: everything derived is absent, for the reason of the whole', () => {
  const derived = {
    variables: {},
    divergences: null,
    ebfmi: [],
    ebfmi_min: null,
    tree_depth: null,
    gradients: null,
    draws_kept: { chains: 0, draws: 0 },
    reasons: { variables: 'stopped while tuning', tree_depth: 'no draw' },
  };
  const evidence = posteriorEvidence({ derived });
  expect(metricOf(evidence, 'ess_min')?.reason).toBe('stopped while tuning');
  expect(metricOf(evidence, 'tree_depth_hits')?.reason).toBe('no draw');
  expect(metricOf(evidence, 'divergences')?.reason).toBe('divergences is missing, without a reason');
  expect(metricOf(evidence, 'draws_kept')?.value).toBe(0);
});

test('without derived values timings are there all the same', () => {
  const evidence = { result: resultOf('posterior', payload), derived: derivedOf(null, 'ArviZ is gone') };
  expect(metricOf(evidence, 'sample_s')?.value).toBe(20);
  expect(metricOf(evidence, 'rhat_max')?.reason).toBe('deriving failed: ArviZ is gone');
  expect(metricOf(evidence, 'ess_bulk_per_sample_s')?.reason).toBe('deriving failed: ArviZ is gone');
});

test('a foreign payload gives reasons that name the key', () => {
  const evidence = posteriorEvidence({ payload: { timings: { compile_s: 'long', sample_s: 1 } } });
  expect(metricOf(evidence, 'sample_s')?.reason).toMatch(/^result.json does not fit its kind: timings.compile_s: /);
});

test('dividing by no time gives no rate', () => {
  const evidence = posteriorEvidence({ payload: { timings: { ...payload.timings, sample_s: 0 } } });
  expect(metricOf(evidence, 'ess_bulk_per_sample_s')).toMatchObject({ value: null, reason: 'sample_s is 0' });
});

test('a timing that is missing makes the total unknown', () => {
  const evidence = posteriorEvidence({
    payload: { timings: { ...payload.timings, write_s: null }, reasons: { 'timings.write_s': 'the disk was full' } },
  });
  expect(metricOf(evidence, 'total_s')).toMatchObject({ value: null, reason: 'the disk was full' });
});

test('keeps further keys, and refuses wrong ones', () => {
  expect(posterior.payload.safeParse({ ...payload, colour: 'blue' }).data).toHaveProperty('colour', 'blue');
  expect(posterior.payload.safeParse({ ...payload, timings: {} }).success).toBe(false);
  expect(posterior.payload.safeParse({ ...payload, observations: -1 }).success).toBe(false);
  const { sampler: _, ...withoutSampler } = payload;
  expect(posterior.payload.safeParse(withoutSampler).success).toBe(false);
  expect(posterior.derived?.safeParse(diagnostics).data).toHaveProperty('sections');
  expect(posterior.derived?.safeParse({ ...diagnostics, divergences: undefined }).success).toBe(false);
});

test('passes warnings of what was derived on, after those of the payload', () => {
  const [one, other] = ['polarity', 'split-sides'].map((code) => ({ code, message: 'why' }));
  const evidence = posteriorEvidence({ payload: { warnings: [one] }, derived: { warnings: [other] } });
  expect(partOf('posterior', evidence).findings).toEqual([one, other]);
});

test('passes warnings of the payload on', () => {
  const warnings = [{ code: 'polarity', message: '61 % discriminate the other way' }];
  expect(partOf('posterior', posteriorEvidence({ payload: { warnings } })).findings).toEqual(warnings);
  expect(partOf('posterior', { result: null, derived: null }).findings).toEqual([]);
});

test('every metric says what it is, once', () => {
  const metrics = partOf('posterior', posteriorEvidence()).metrics;
  expect(new Set(metrics.map(({ name }) => name)).size).toBe(metrics.length);
  expect(metrics.filter(({ description }) => description === '')).toEqual([]);
  const inSeconds = metrics.filter(({ name }) => name.endsWith('_s') && !name.includes('_per_'));
  expect(new Set(inSeconds.map(({ unit }) => unit))).toEqual(new Set(['s']));
});
