import { describe, expect, it } from 'vitest';
import { posterior } from '../../../../plugins/nx-study/src/kinds/posterior/index.ts';
import type { JsonObject } from '../../../../plugins/nx-study/src/base/json.ts';
import { totalOf } from '../../../../plugins/nx-study/src/kinds/memory-estimate.ts';
import type { Size } from '../../../../plugins/nx-study/src/worker/size.ts';
import type { MemoryEstimate } from '../../../../plugins/nx-study/src/kinds/memory-estimate.ts';

const { disk, scaled_s, rough_s } = posterior.costs!;
const size = { parameters: 222, observations: 5867, saved: 222 };
const configuration = { chains: 2, tune: 200, draws: 20_000 };

describe('draws on disk', () => {
  it('are chains × draws × saved numbers × 8 bytes', () => {
    expect(disk(configuration, size)).toBe(2 * 20_000 * 222 * 8);
    expect(disk({ ...configuration, keep: 'all' }, size)).toBe(71_040_000);
    // And ten numbers for each element, of all draws.
    expect(disk({ ...configuration, keep: { every: 3 } }, size)).toBe((2 * 6667 + 10) * 222 * 8);
  });

  it('of scalars alone with a summary, and ten numbers for each other element', () => {
    const scalars = { ...size, scalars: 2 };
    expect(disk({ ...configuration, keep: 'summary' }, scalars)).toBe((2 * 20_000 * 2 + 10 * 220) * 8);
    expect(disk(configuration, scalars)).toBe(71_040_000);
  });

  it('with statistics of the sampler and data beside, where the size says them', () => {
    const whole = { ...size, scalars: 2, statistics_bytes: 131, data_bytes: 5000 };
    const statistics = 2 * 20_000 * 131;
    expect(disk(configuration, whole)).toBe(71_040_000 + statistics + 5000);
    // Once more of the draws that are kept, for other programs.
    const thinned = 2 * 6667 * (222 * 8 + 131) + statistics + (2 * 20_000 * 2 + 10 * 222) * 8 + 5000;
    expect(disk({ ...configuration, keep: { every: 3 } }, whole)).toBe(thinned);
    const summary = (2 * 20_000 * 2 + 10 * 220) * 8 + statistics + 5000;
    expect(disk({ ...configuration, keep: 'summary' }, whole)).toBe(summary);
  });

  it('with what was computed of all draws, where not all of them are kept', () => {
    const scalars = { ...size, scalars: 2 };
    const more = { ...scalars, by_draw: 7, summary_bytes: 900 };
    expect(disk(configuration, more)).toBe(disk(configuration, scalars));
    for (const keep of ['summary', { every: 3 }])
      expect(disk({ ...configuration, keep }, more)).toBe(
        disk({ ...configuration, keep }, scalars)! + 2 * 20_000 * 7 * 8 + 900,
      );
  });

  // Of the study `eight-schools`, non-centred, with nutpie 0.16.11.
  it.each([
    ['all', 1_146_197],
    [{ every: 10 }, 772_960],
    ['summary', 635_136],
  ])('are a file that was written with `keep: %j`, but for less than 80 kB', (keep, found) => {
    const schools = { parameters: 10, observations: 8, saved: 18, scalars: 2, statistics_bytes: 131, data_bytes: 96 };
    const said = disk({ chains: 4, tune: 1000, draws: 1000, keep }, schools)!;
    expect(found - said).toBeGreaterThan(0);
    expect(found - said).toBeLessThan(80_000);
  });

  it('are not known where it is not known which are kept, or the settings are of another form', () => {
    for (const other of [
      { ...configuration, keep: 'summary' },
      { ...configuration, simulate: 'prior' },
      { draws: 10 },
      {},
    ])
      expect(disk(other as JsonObject, size)).toBeNull();
  });
});

describe('memory', () => {
  const need = (of: JsonObject, known: Size | null = size) =>
    posterior.estimateMemory!({ configuration: of, rule: null, gpus: [], size: known });

  it('grows with the draws, also of those that are not kept, and stays below what was measured', () => {
    const estimate = need(configuration) as MemoryEstimate;
    expect(estimate).toMatchObject({ on: 'host', gpus: 0, omitted: [] });
    expect(totalOf(estimate)).toBe(400e6 + 1.8 * 71_040_000);
    expect(totalOf(estimate)).toBeLessThan(595_877_888);
    for (const other of [{ keep: 'summary' }, { simulate: 'prior', simulations: 10 }])
      expect(need({ ...configuration, ...other })).toEqual(estimate);
  });

  it('counts the draws of tuning where the sampler holds them', () => {
    const of = (sampler: string) => totalOf(need({ chains: 2, tune: 20_000, draws: 1000, sampler }) as MemoryEstimate);
    const bytes = 2 * 1000 * 222 * 8;
    expect(of('nutpie')).toBe(400e6 + 1.8 * 21 * bytes);
    expect(of('pymc')).toBe(400e6 + (1.8 + 20) * bytes);
    for (const sampler of ['numpyro', 'blackjax']) expect(of(sampler)).toBe(400e6 + 1.8 * bytes);
    // Measured with nutpie 0.16.11: 60 roll calls of the 109th Senate.
    expect(of('nutpie')).toBeLessThan(609_415_168);
  });

  // Simulated votes of 435 people in 1,000 and 300 roll calls, and of 100 in 500, by nutpie 0.16.11.
  it.each([
    [{ chains: 4, tune: 1000, draws: 1000 }, 413_134, 2435, 846e6],
    [{ chains: 1, tune: 50, draws: 20 }, 413_368, 2435, 509e6],
    [{ chains: 2, tune: 200, draws: 200 }, 413_368, 2435, 546e6],
    [{ chains: 1, tune: 50, draws: 20 }, 124_052, 1035, 455e6],
    [{ chains: 1, tune: 50, draws: 20 }, 47_536, 1100, 433e6],
    [{ chains: 2, tune: 300, draws: 300 }, 47_536, 1100, 455e6],
  ])(
    'counts the data, and is no more than was measured, and at least 85 % of it: %j, %d votes',
    (of, observations, saved, found) => {
      const data_memory_bytes = 180 * observations;
      const estimate = need(
        { ...of, sampler: 'nutpie' },
        { ...size, observations, saved, data_memory_bytes },
      ) as MemoryEstimate;
      expect(totalOf(estimate)).toBeLessThanOrEqual(found);
      expect(totalOf(estimate)).toBeGreaterThan(0.85 * found);
    },
  );

  it('is not told for a model of unknown size, nor for other settings', () => {
    expect(need(configuration, null)).toBeNull();
    expect(need({ draws: 10 })).toMatchObject({ reason: expect.stringContaining('chains, tune and draws') });
  });
});

const payload = (change: object = {}) => ({
  sampler: { name: 'nuts', chains: 4, tune: 500, draws: 500 },
  observations: 1000,
  parameters: 10,
  timings: { compile_s: 10, sample_s: 40 },
  memory: { rss_peak_bytes: null },
  versions: {},
  ...change,
});

describe('time from a measured one', () => {
  const work = (change: JsonObject, observations = 1000, cpus = 2) => ({
    configuration: { chains: 4, tune: 500, draws: 500, ...change },
    size: { ...size, observations },
    cpus,
  });
  const measured = { elapsed_s: 60, cpus: 2, payload: payload() };

  it.each([
    ['the same work', work({}), 60],
    ['twice the draws, tuning included', work({ draws: 1500 }), 100],
    ['three times the observations', work({}, 3000), 140],
    ['one more round of chains', work({ chains: 6 }), 80],
    ['more cores', work({}, 1000, 8), 40],
    ['three simulated fits', work({ simulate: 'prior', simulations: 3 }), 140],
    ['fewer chains at once', work({}, 1000, 1), 100],
  ])('%s', (_name, planned, expected) => {
    expect(scaled_s(planned, measured)).toBe(expected);
  });

  it('one that held several simulated fits', () => {
    const fits = payload({ simulations: { simulate: 'prior', fits: 4, failed: 0 } });
    expect(scaled_s(work({}), { elapsed_s: 60, cpus: 2, payload: fits })).toBe(30);
  });

  it.each([
    ['no time of sampling', payload({ timings: { compile_s: null, sample_s: null } })],
    ['a time of sampling above its own', payload({ timings: { compile_s: 1, sample_s: 61 } })],
    ['no observations', payload({ observations: 0 })],
    ['another result', {}],
  ])('none with %s', (_name, other) => {
    expect(scaled_s(work({}), { elapsed_s: 60, cpus: 2, payload: other })).toBeNull();
  });
});

describe('time by a rule', () => {
  it('grows with draws and observations, and says how rough it is', () => {
    const small = rough_s({ configuration, size, cpus: 2 })!;
    const large = rough_s({ configuration, size: { ...size, observations: 58_670 }, cpus: 2 })!;
    expect(small.low_s).toBeLessThan(small.median_s / 2);
    expect(small.high_s).toBeGreaterThan(2 * small.median_s);
    // But for what takes as long for each model.
    expect(large.median_s).toBeGreaterThan(4 * small.median_s);
    expect(rough_s({ configuration, size, cpus: 1 })!.median_s).toBeGreaterThan(1.4 * small.median_s);
    expect(rough_s({ configuration: {}, size, cpus: 1 })).toBeNull();
  });

  // Measured on two cores shared with others: a House, the 109th Senate and 60 of its roll calls.
  it.each([
    [{ chains: 4, tune: 1000, draws: 1000 }, 413_134, 205],
    [{ chains: 4, tune: 1000, draws: 2500 }, 53_000, 95],
  ])('is within a factor of 2 of what was measured: %j, %d votes', (of, observations, found_s) => {
    const { median_s } = rough_s({ configuration: of, size: { ...size, observations }, cpus: 2 })!;
    expect(median_s).toBeGreaterThan(found_s / 2);
    expect(median_s).toBeLessThan(found_s * 2);
  });
});
