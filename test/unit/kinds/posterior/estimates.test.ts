import { describe, expect, it } from 'vitest';
import { kindOf } from '../../../../plugins/nx-study/src/kinds/index.ts';
import { derivedSchema } from '../../../../plugins/nx-study/src/kinds/posterior/schema.ts';
import { derivedOf, diagnostics, partOf, payload, posteriorEvidence, resultOf } from '../evidence.ts';
import { realJson } from './real.ts';

const evidenceOf = (derived: object) => ({ result: resultOf('posterior', payload), derived: derivedOf(derived) });
const metricsOf = (derived: object) => partOf('posterior', evidenceOf(derived)).metrics;
const metricOf = (derived: object, name: string) => metricsOf(derived).find((metric) => metric.name === name);

describe('the quantities of interest as metrics', () => {
  it('stand first where they are main, beside R-hat and ESS', () => {
    const main = metricsOf(realJson('lognormal')).filter((metric) => metric.main);
    expect(main.slice(0, 4).map(({ name }) => name)).toEqual(['party_gap', 'rhat_max', 'ess_min', 'divergences']);
    expect(main.filter(({ name }) => name.startsWith('party_'))).toHaveLength(1);
  });

  it('are posterior means with sd, interval and Monte Carlo error', () => {
    expect(metricOf(realJson('lognormal'), 'party_gap')).toMatchObject({
      label: 'party gap',
      value: expect.closeTo(1.818_469_253_6, 9),
      reason: null,
      better: null,
      posterior: {
        sd: expect.closeTo(0.017_344, 5),
        low: expect.closeTo(1.789, 2),
        high: expect.closeTo(1.846, 2),
        mass: 0.9,
        mcse: expect.closeTo(0.000_147_7, 6),
      },
    });
  });

  it('have no posterior where they have no draws of their own', () => {
    const metric = metricOf(realJson('normal'), 'apre');
    expect(metric).toMatchObject({ value: expect.closeTo(0.6497, 4), reason: null });
    expect(metric).not.toHaveProperty('posterior');
  });

  it('have a reason where there is no mean', () => {
    const derived = realJson('normal');
    derived.estimates.party_gap = { ...derived.estimates.party_gap, mean: null, sd: null, eti90: null };
    derived.reasons['estimates.party_gap'] = 'draws are on both sides';
    expect(metricOf(derived, 'party_gap')).toMatchObject({ value: null, reason: 'draws are on both sides' });
    expect(metricOf(derived, 'party_gap')).not.toHaveProperty('posterior');
  });

  it('never take the name of another metric', () => {
    const derived = realJson('normal');
    derived.estimates.rhat_max = derived.estimates.party_gap;
    expect(metricOf(derived, 'rhat_max')?.label).toBe('R-hat');
    expect(metricOf(derived, 'estimate.rhat_max')?.label).toBe('party gap');
    const names = metricsOf(derived).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  it('all say what they are', () => {
    for (const { description } of metricsOf(realJson('normal'))) expect(description).not.toBe('');
  });
});

describe('leave-one-out cross-validation as metrics', () => {
  it('has elpd, its error, the effective number of parameters and the count of bad k', () => {
    const values = metricsOf(realJson('halfnormal')).map(({ name, value }) => [name, value]);
    expect(Object.fromEntries(values)).toMatchObject({
      elpd_loo: expect.closeTo(-1735.081, 3),
      elpd_loo_se: expect.closeTo(39.18, 2),
      p_loo: expect.closeTo(151.34, 2),
      pareto_k_above: 1,
    });
  });

  it('is not compared as other metrics are: without pointwise values its differences have no error', () => {
    expect(metricOf(realJson('normal'), 'elpd_loo')?.main).toBe(false);
  });

  it('has the reason where it could not be computed', () => {
    const derived = { ...realJson('normal'), loo: null, reasons: { loo: 'needs 100 draws; there are 80' } };
    expect(metricOf(derived, 'elpd_loo')).toMatchObject({ value: null, reason: 'needs 100 draws; there are 80' });
  });
});

it('derived.json of an earlier version is read, without these metrics', () => {
  expect(derivedSchema.parse(diagnostics)).not.toHaveProperty('loo');
  const names = partOf('posterior', posteriorEvidence()).metrics.map(({ name }) => name);
  expect(names).toContain('rhat_max');
  expect(names).not.toContain('elpd_loo');
});

it('an estimate without its description is refused', () => {
  const derived = realJson('normal');
  delete derived.estimates.party_gap.description;
  expect(kindOf('posterior').derived?.safeParse(derived).success).toBe(false);
});
