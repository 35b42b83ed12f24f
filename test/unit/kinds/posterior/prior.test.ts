import { describe, expect, it } from 'vitest';
import type { MemoryEstimate } from '../../../../plugins/nx-study/src/kinds/memory-estimate.ts';
import { totalOf } from '../../../../plugins/nx-study/src/kinds/memory-estimate.ts';
import { evaluateGates, verdictOf } from '../../../../plugins/nx-study/src/kinds/gates.ts';
import { posterior } from '../../../../plugins/nx-study/src/kinds/posterior/index.ts';
import { derivedOf, payload as sampled, resultOf } from '../evidence.ts';
import { drawnJson } from './priors.ts';
import type { Drawn } from './priors.ts';

function workload(name: Drawn) {
  const { payload, derived } = drawnJson(name);
  return posterior.workloads({ result: resultOf('posterior', payload), derived: derivedOf(derived) })[0]!;
}

describe('draws from the prior', () => {
  it.each(['prior', 'prior-votes'] as const)('of %s have no number of a posterior, and a reason for each', (name) => {
    const { metrics } = workload(name);
    const of = (metric: string) => metrics.find((one) => one.name === metric)!;
    for (const missing of ['rhat_max', 'ess_min', 'divergences', 'ebfmi_min', 'draws_kept', 'elpd_loo', 'gradients'])
      expect(of(missing)).toMatchObject({ value: null, reason: expect.stringContaining('no posterior was sampled') });
    for (const missing of ['sample_s', 'compile_s'])
      expect(of(missing)).toMatchObject({
        value: null,
        reason: expect.stringContaining('no sampler was compiled or run'),
      });
    expect(metrics.filter(({ value, reason }) => (value === null) === (reason === null))).toEqual([]);
    // Without a value none of them takes room on screen.
    expect(metrics.filter((one) => one.value === null && one.main && !one.name.startsWith('prior.'))).toEqual([]);
    expect(metrics.filter(({ posterior: found }) => found !== undefined)).toEqual([]);
  });

  it('name their quantities so that no table takes one for that of a posterior', () => {
    const { metrics, findings } = workload('prior');
    expect(metrics[0]).toMatchObject({
      name: 'prior.twice',
      label: '2 × mean (prior)',
      unit: 'm',
      main: true,
      value: expect.closeTo(0.3894, 4),
      prior: { low: expect.closeTo(-34.64, 2), high: expect.closeTo(32.71, 2), mass: 0.9 },
    });
    const main = metrics.filter((one) => one.main).map(({ name }) => name);
    expect(main.slice(0, 4)).toEqual(['prior.twice', 'prior.data_mean.y', 'prior.data_sd.y', 'prior_draws']);
    expect(metrics.find(({ name }) => name === 'prior.a_mean')).toMatchObject({ value: expect.any(Number) });
    expect(findings).toEqual([{ code: 'from-prior', message: expect.stringContaining('say nothing of a posterior') }]);
  });

  it('have the time of the phases that there were', () => {
    const total = workload('prior').metrics.find(({ name }) => name === 'total_s')!.value!;
    const { timings } = drawnJson('prior').payload as { timings: Record<string, number | null> };
    expect(total).toBeCloseTo(Object.values(timings).reduce<number>((sum, one) => sum + (one ?? 0), 0));
  });

  it('are judged by no gate, whatever the study sets', () => {
    const results = evaluateGates(posterior.gates, workload('prior').metrics, { rhat_max: 2, ess_min: 1 });
    expect(results).toEqual([]);
    expect(verdictOf(results)).toBeNull();
    for (const { concerns } of posterior.gates) {
      expect(concerns!({ sampler: 'prior' })).toBe(false);
      expect(concerns!({ sampler: 'nutpie' })).toBe(true);
      expect(concerns!({})).toBe(true);
    }
  });

  it('name members and roll calls among the samples as those of the prior', () => {
    const { payload, derived } = drawnJson('prior-votes');
    const samples = posterior.samples!({ result: resultOf('posterior', payload), derived: derivedOf(derived) });
    expect([...new Set(samples.map(({ sample }) => sample))]).toEqual([
      'ideal-point.prior_members',
      'ideal-point.prior_rollcalls',
    ]);
  });
});

describe('what they cost', () => {
  const configuration = { sampler: 'prior', chains: 4, tune: 1000, draws: 2000, keep: 'all' };
  const size = { parameters: 10, observations: 1000, saved: 20 };
  const { disk, scaled_s, rough_s } = posterior.costs!;
  const asksForAsMuch = posterior.asksForAsMuch!;
  const planned = { configuration, size, cpus: 2 };

  it('is that of one set of draws, without chains or a compiler', () => {
    expect(disk(configuration, size)).toBe(2000 * 20 * 8);
    const memory = posterior.estimateMemory!({ configuration, rule: null, gpus: [], size }) as MemoryEstimate;
    expect(totalOf(memory)).toBe(200e6 + 1.8 * 320_000);
    expect(totalOf(memory)).toBeLessThan(263_704_576);
  });

  it('takes seconds by the rule, however many draws chains would tune', () => {
    const rough = rough_s(planned)!;
    expect(rough).toEqual(rough_s({ ...planned, configuration: { ...configuration, tune: 1_000_000 } }));
    expect(rough.median_s).toBeLessThan(15);
    expect(rough_s({ ...planned, configuration: { ...configuration, sampler: 'nutpie' } })!.median_s).toBeGreaterThan(
      30,
    );
  });

  it('follows from other draws of the prior alone, never from a sampled posterior, nor the other way round', () => {
    const { payload } = drawnJson('prior');
    const ofPrior = { elapsed_s: 10, cpus: 2, payload };
    const { draw_s } = (payload as { timings: { draw_s: number } }).timings;
    expect(scaled_s(planned, ofPrior)).toBeCloseTo(10 + draw_s);
    expect(scaled_s(planned, { elapsed_s: 60, cpus: 2, payload: sampled })).toBeNull();
    const posteriorWork = { ...planned, configuration: { ...configuration, sampler: 'nutpie' } };
    expect(scaled_s(posteriorWork, ofPrior)).toBeNull();
    expect(scaled_s(posteriorWork, { elapsed_s: 60, cpus: 2, payload: sampled })).toBeGreaterThan(0);
    expect(asksForAsMuch({ sampler: 'prior' }, {})).toBe(false);
    expect(asksForAsMuch({ sampler: 'pymc' }, { sampler: 'nutpie' })).toBe(true);
    const asked = { chains: 4, tune: 1000, draws: 1000 };
    expect(asksForAsMuch(asked, { ...asked, model: 'rasch' })).toBe(true);
    expect(asksForAsMuch(asked, { ...asked, draws: 50_000 })).toBe(false);
  });
});
