import { expect, test } from 'vitest';
import { evaluateGates } from '../../../../../plugins/nx-study/src/kinds/gates.ts';
import { kindOf } from '../../../../../plugins/nx-study/src/kinds/index.ts';
import type { Evidence } from '../../../../../plugins/nx-study/src/kinds/kind.ts';
import { partOf, posteriorEvidence } from '../../evidence.ts';
import { calibrationOf } from './fits.ts';

const posterior = kindOf('posterior');
const evidenceOf = (calibration: unknown): Evidence => posteriorEvidence({ derived: { calibration, estimates: {} } });
const metricsOf = (evidence: Evidence) => partOf('posterior', evidence).metrics;
const find = (evidence: Evidence, name: string) => metricsOf(evidence).find((metric) => metric.name === name);

test('fits are counted, and those that are flagged', () => {
  const evidence = evidenceOf(calibrationOf({ flagged: [2, 3, 7] }));
  expect(find(evidence, 'fits')?.value).toBe(10);
  expect(find(evidence, 'fits_flagged')?.value).toBe(3);
  expect(find(evidence, 'fits_flagged_share')?.value).toBe(0.3);
  expect(find(evidence, 'sample_s_per_fit')?.value).toBe(2);
  expect(find(evidence, 'ess_bulk_per_sample_s')).toBeUndefined();
  expect(find(posteriorEvidence(), 'fits')).toBeUndefined();
});

test('fits of simulated data have a gate of their own, and none of those of one fit', () => {
  const verdicts = (flagged: number[]) =>
    evaluateGates(posterior.gates, metricsOf(evidenceOf(calibrationOf({ flagged }))), {}).map(
      ({ name, verdict }) => `${name} ${verdict}`,
    );
  expect(verdicts([1])).toEqual(['fits_flagged_share PASS']);
  expect(verdicts([1, 2])).toEqual(['fits_flagged_share FAIL']);
});

test('each fit and each quantity of a fit is a sample', () => {
  const calibration = calibrationOf({ first: 20, count: 2, flagged: [21], ranks: { mu: () => 5, tau: () => null } });
  const samples = posterior.samples!(evidenceOf(calibration));
  expect(samples.map(({ sample, index, item, status }) => [sample, index, item, status])).toEqual([
    ['calibration.fit', 0, 'fit 20', 'good'],
    ['calibration.fit', 1, 'fit 21', 'flagged'],
    ['calibration.rank', 0, 'mu', 'good'],
    ['calibration.rank', 1, 'mu', 'flagged'],
    ['calibration.rank', 2, 'tau', 'good'],
    ['calibration.rank', 3, 'tau', 'flagged'],
  ]);
  expect(samples[1]!.attributes).toEqual({ flags: '3 divergences' });
  const valuesOf = (at: number) => Object.fromEntries(samples[at]!.quantities.map(({ name, value }) => [name, value]));
  expect(valuesOf(3)).toMatchObject({
    fit: 21,
    rank: 5,
    covered_50: 0,
    covered_80: 0,
    covered_90: 1,
    contraction: 0.8,
  });
  expect(valuesOf(5)).toEqual({ fit: 21 });
});

test('lists of another length than there are fits are refused', () => {
  const calibration = calibrationOf();
  calibration.quantities['mu']!.rank.pop();
  expect(find(evidenceOf(calibration), 'rhat_max')?.reason).toContain('mu has 9 values for 10 fits');
});
