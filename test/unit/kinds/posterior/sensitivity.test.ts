import { expect, test } from 'vitest';
import { partOf, posteriorEvidence } from '../evidence.ts';
import { realJson } from './real.ts';

const { estimates } = realJson('normal');
const sensitivity = {
  draws_used: 4000,
  powers: [0.99, 1.01],
  threshold: 0.05,
  scaled_priors: ['xi', 'alpha', 'beta'],
  estimates: {
    party_gap: { prior: 0.425, likelihood: 0.096, diagnosis: 'potential prior-data conflict' },
    position_sd: { prior: 0.2, likelihood: 0.01, diagnosis: 'potential strong prior / weak likelihood' },
  },
};

const part = (derived: Record<string, unknown>, payload = {}) =>
  partOf('posterior', posteriorEvidence({ derived: { estimates, ...derived }, payload }));

test('sensitivities are metrics, their diagnoses are facts, and one of a main quantity is a finding', () => {
  const { metrics, facts, findings } = part({ sensitivity });
  const found = metrics.filter(({ name }) => name.endsWith('_sensitivity'));
  expect(found.map(({ name, value }) => [name, value])).toEqual([
    ['party_gap.prior_sensitivity', 0.425],
    ['party_gap.likelihood_sensitivity', 0.096],
    ['position_sd.prior_sensitivity', 0.2],
    ['position_sd.likelihood_sensitivity', 0.01],
  ]);
  expect(facts).toEqual([
    {
      name: 'party_gap.sensitivity',
      label: 'sensitivity party_gap',
      value: 'potential prior-data conflict',
      main: false,
    },
    {
      name: 'position_sd.sensitivity',
      label: 'sensitivity position_sd',
      value: 'potential strong prior / weak likelihood',
      main: false,
    },
  ]);
  expect(estimates.party_gap.main).toBe(true);
  expect(estimates.position_sd.main).toBe(false);
  expect(findings).toEqual([
    {
      code: 'prior-sensitivity',
      message:
        'party_gap: potential prior-data conflict by power-scaling (sensitivity to the prior 0.42, to the likelihood 0.10; 0.05 and more counts)',
    },
  ]);
});

test('a main quantity that is not sensitive is no finding; nor is a worker without sensitivities', () => {
  const calm = { party_gap: { prior: 0.01, likelihood: 0.2, diagnosis: 'none' } };
  expect(part({ sensitivity: { ...sensitivity, estimates: calm } }).findings).toEqual([]);
  for (const none of [{ sensitivity: null }, {}]) expect(part(none)).toMatchObject({ facts: [], findings: [] });
});

test('what chance explains is no finding, and what it may explain stands in the sentence', () => {
  const noise = { prior: 0.06, likelihood: 0.07 };
  const by = (one: object) => part({ sensitivity: { ...sensitivity, estimates: { party_gap: { noise, ...one } } } });
  expect(by({ prior: 0.055, likelihood: 0.06, diagnosis: 'within Monte Carlo noise' }).findings).toEqual([]);
  const unclear = 'potential prior sensitivity, the likelihood is within Monte Carlo noise';
  expect(by({ prior: 0.3, likelihood: 0.06, diagnosis: unclear }).findings[0]!.message).toBe(
    `party_gap: ${unclear} by power-scaling (sensitivity to the prior 0.30, by chance up to 0.06, to the likelihood 0.06, by chance up to 0.07; 0.05 and more counts)`,
  );
});

test('split signs and dropped members are facts, where a worker tells them', () => {
  const sections = { 'ideal-point': { sign: { split: true } } };
  const data = { rows: { dropped_without_votes: [{ legislator: '1' }, { legislator: '2' }] } };
  expect(part({ sections }, { data }).facts).toEqual([
    { name: 'sign_split', label: 'split sign', value: true, main: false },
    { name: 'members_dropped', label: 'members dropped', value: 2, main: false },
  ]);
  expect(part({ sections: { 'ideal-point': { sign: { split: null } } } }).facts).toEqual([
    { name: 'sign_split', label: 'split sign', value: null, main: false },
  ]);
});
