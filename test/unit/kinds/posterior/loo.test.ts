import { expect, test } from 'vitest';
import { partOf, posteriorEvidence } from '../evidence.ts';
import { realJson } from './real.ts';

const loo = realJson('lognormal').loo;
const part = (derived: Parameters<typeof posteriorEvidence>[0]) => partOf('posterior', posteriorEvidence(derived));
const values = (derived: Parameters<typeof posteriorEvidence>[0]) =>
  Object.fromEntries(
    part(derived)
      .metrics.filter(({ name }) => /elpd|p_loo|pareto|loo_ess/.test(name))
      .map(({ name, value, reason }) => [name, value ?? reason]),
  );

test('one observed variable has one elpd', () => {
  expect(values({ derived: { loo } })).toEqual({
    elpd_loo: loo.elpd_loo,
    elpd_loo_se: loo.se,
    p_loo: loo.p_loo,
    pareto_k_above: 1,
    loo_ess_min: 'loo.ess_min is missing, without a reason',
  });
  expect(values({ derived: { loo: { ...loo, ess_min: 12.5 } } })).toMatchObject({ loo_ess_min: 12.5 });
});

test('several observed variables have one each, beside that of all', () => {
  const count = { ...loo, elpd_loo: -12, pareto_k: { limit: 0.7, above: 0 } };
  const reasons = { 'loo_by.z': 'needs 100 draws; there are 40' };
  const found = values({ derived: { loo, loo_by: { count, z: null }, reasons } });
  expect(found).toMatchObject({
    elpd_loo: loo.elpd_loo,
    'elpd_loo.count': -12,
    'pareto_k_above.count': 0,
    'elpd_loo.z': 'needs 100 draws; there are 40',
    'elpd_loo_se.z': 'needs 100 draws; there are 40',
  });
  const metric = part({ derived: { loo, loo_by: { count } } }).metrics.find(({ name }) => name === 'elpd_loo.count');
  expect(metric?.description).toMatch(/^Of the observed variable count alone\. /);
});

test('an elpd that is not reliable is a finding, with the worst observations', () => {
  const findings = (one: unknown) => part({ derived: { loo: one as typeof loo } }).findings;
  expect(findings(loo)).toEqual([
    {
      code: 'loo-unreliable',
      message:
        'the elpd is not reliable: the Pareto k of 1 of 5,881 observations is above 0.70, where importance sampling fails; the worst: BYRD, s109-499',
    },
  ]);
  expect(findings({ ...loo, pareto_k: { limit: 0.5, above: 2 } })).toEqual([
    {
      code: 'loo-unreliable',
      message:
        'the elpd is not reliable: the Pareto k of 2 of 5,881 observations is above 0.50, where importance sampling fails',
    },
  ]);
  expect(findings({ ...loo, pareto_k: { limit: 0.7, above: 0 } })).toEqual([]);
  expect(findings(null)).toEqual([]);
  expect(findings({ ...loo, pareto_k: { limit: 0.7, above: 0 }, potentials: ['bound'] })).toEqual([
    {
      code: 'loo-partial',
      message: 'the elpd is that of the observed variables alone: the potential bound is no part of it',
    },
  ]);
  // Where all variables together have none, each that is shown has its own.
  expect(part({ derived: { loo: null, loo_by: { y: loo, z: null } } }).findings).toEqual(findings(loo));
  expect(part({ derived: { loo, loo_by: { y: loo, z: loo } } }).findings).toEqual(findings(loo));
});
