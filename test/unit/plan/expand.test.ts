import { describe, expect, test } from 'vitest';
import type { Plan } from '../../../plugins/nx-study/src/plan/types.ts';
import { planOf } from '../study/workspace.ts';
import { plainExecution } from '../../helpers/execution.ts';

const sampler = 'worker: sampler\nbase: {votes: ../data/votes.csv}\n';
const written = (plan: Plan, ...keys: string[]) =>
  plan.experiments.map((experiment) => keys.map((key) => String(experiment.written[key] as string | number)).join(' '));
const batches = (plan: Plan) =>
  plan.experiments.map(({ worker, written: { batch } }) => `${worker} ${batch as number}`);

describe('merging', () => {
  test('goes deep: base, then axes and linked axes, then variants, then the explicit experiment', async () => {
    const plan = await planOf(`
worker: sampler
base: {votes: ../data/votes.csv, sample: {rollcalls: 60, seed: 7}, beta_prior: {distribution: normal, mu: 0, sigma: 1}}
sweep: {sample.seed: [8]}
variants: {width: {wide: {beta_prior: {sigma: 3}}}}
experiments: [{label: own, variants: {width: wide}, beta_prior.mu: 2, sample: {rollcalls: null}}]
`);
    expect(plan.experiments.map(({ written: { sample, beta_prior } }) => ({ sample, beta_prior }))).toEqual([
      { sample: { rollcalls: 60, seed: 8 }, beta_prior: { distribution: 'normal', mu: 0, sigma: 3 } },
      { sample: { rollcalls: null, seed: 7 }, beta_prior: { distribution: 'normal', mu: 2, sigma: 3 } },
    ]);
  });

  test('lists are values and replace each other', async () => {
    const plan = await planOf(`
worker: sampler
base: {votes: ../data/votes.csv, extra: [{file: ../data/a.csv}, {file: ../data/b.csv}]}
experiments: [{extra: [{file: ../data/c.csv}]}]
`);
    expect(plan.experiments[0]!.written.extra).toEqual([{ file: '../data/c.csv' }]);
  });

  test('null is a value, different from absent', async () => {
    const plan = await planOf(`
worker: transformers
base: {model: tiny}
variants: {cache: {default: {}, none: {cache: null}, spelt-out: {cache: dynamic}}}
`);
    expect(plan.experiments.map(({ configuration }) => configuration.cache)).toEqual(['dynamic', null]);
    expect(plan.experiments[0]!.written).not.toHaveProperty('cache');
    expect(plan.merged).toMatchObject([{ count: 2, also: [{ varied: { cache: 'spelt-out' } }] }]);
  });

  test('defaults are filled in, and what is written is kept apart', async () => {
    const { experiments } = await planOf(sampler);
    expect(experiments[0]!.written).toEqual({ votes: '../data/votes.csv' });
    expect(experiments[0]!.configuration).toEqual({
      votes: 'studies/data/votes.csv',
      polarity: 'none',
      sample: { rollcalls: null, seed: 1 },
      beta_prior: { distribution: 'normal', mu: 0, sigma: 1 },
      chains: 4,
      tune: 1000,
      draws: 1000,
      target_accept: 0.9,
      thin: null,
    });
  });
});

describe('crossing', () => {
  test('axes, linked axes and groups of variants multiply; the last one varies fastest', async () => {
    const plan = await planOf(`${sampler}
sweep: {chains: [2, 4]}
zip: [{tune: [500, 1000], draws: [600, 1200]}]
variants: {polarity: {free: {polarity: none}, fixed: {polarity: party}}}
`);
    expect(written(plan, 'chains', 'tune', 'draws', 'polarity')).toEqual([
      '2 500 600 none',
      '2 500 600 party',
      '2 1000 1200 none',
      '2 1000 1200 party',
      '4 500 600 none',
      '4 500 600 party',
      '4 1000 1200 none',
      '4 1000 1200 party',
    ]);
    expect(plan.axes).toEqual([
      { axis: 'chains', values: 2 },
      { axis: 'tune + draws', values: 2 },
      { axis: 'polarity', values: 2 },
    ]);
    expect(plan.experiments[1]!.varied).toEqual({ chains: 2, tune: 500, draws: 600, polarity: 'fixed' });
  });

  test('a study without axes has one experiment', async () => {
    const plan = await planOf(sampler);
    expect(plan.measurements.map(({ id }) => id)).toEqual([expect.stringMatching(/^base-[0-9a-f]{8}$/)]);
  });

  test('the order of keys in the file decides the order of the plan', async () => {
    const plan = await planOf(`${sampler}sweep: {draws: [2, 1], chains: [1]}\n`);
    expect(written(plan, 'draws')).toEqual(['2', '1']);
  });
});

describe('several workers', () => {
  const three = 'workers: [transformers, vllm, llama-cpp]\nplatform: any\nbase: {model: tiny}\n';

  test('each of them measures what is not scoped', async () => {
    const plan = await planOf(`${three}sweep: {batch: [1, 8]}\n`);
    expect(batches(plan)).toEqual([
      'transformers 1',
      'transformers 8',
      'vllm 1',
      'vllm 8',
      'llama-cpp 1',
      'llama-cpp 8',
    ]);
  });

  test('a scoped axis, linked axis or variant multiplies only its own worker', async () => {
    const plan = await planOf(`${three}
sweep: {vllm.eager: [true, false], transformers.batch: [1, 2, 4]}
zip: [{vllm.block: [8, 16], vllm.sequences: [64, 128]}]
variants: {speed: {plain: {}, compiled: {transformers: {compile: true}}}}
`);
    const counts = ['transformers', 'vllm', 'llama-cpp'].map(
      (name) => plan.experiments.filter(({ worker }) => worker === name).length,
    );
    expect(counts).toEqual([6, 4, 1]);
    expect(plan.merged).toEqual([]);
  });

  test('a block of axes linked across workers gives each worker its own', async () => {
    const plan = await planOf(`
workers: [transformers, vllm]
base: {model: tiny}
zip: [{transformers.batch: [1, 2], vllm.batch: [8, 16]}]
`);
    expect(plan.experiments.map(({ worker, varied }) => [worker, varied])).toEqual([
      ['transformers', { batch: 1 }],
      ['transformers', { batch: 2 }],
      ['vllm', { batch: 8 }],
      ['vllm', { batch: 16 }],
    ]);
  });

  test("a worker's own settings win over shared ones, and labels begin with the worker", async () => {
    const plan = await planOf(`
workers: [transformers, vllm]
base: {model: tiny, batch: 1, vllm: {batch: 16}, vllm.eager: true}
`);
    expect(plan.experiments.map(({ label, written: { batch, eager } }) => [label, batch, eager])).toEqual([
      ['transformers', 1, undefined],
      ['vllm', 16, true],
    ]);
  });

  test('an explicit experiment is measured by its worker, or by each', async () => {
    const plan = await planOf(`
workers: [transformers, vllm]
base: {model: tiny}
experiments:
  - {label: all, batch: 4, vllm: {eager: true}}
  - {label: one, worker: vllm, batch: 8}
`);
    expect(plan.experiments.map(({ label }) => label)).toEqual(['all-transformers', 'all-vllm', 'one']);
    expect(plan.experiments[1]!.written).toEqual({ model: 'tiny', batch: 4, eager: true });
  });

  test("the workers' common default platform holds, and the study's own one wins", async () => {
    expect((await planOf('worker: llama-cpp\nbase: {model: tiny}\n')).platform).toBe('host');
    expect((await planOf('worker: llama-cpp\nplatform: any\nbase: {model: tiny}\n')).platform).toBe('any');
    expect((await planOf(sampler)).platform).toBe('any');
  });
});

describe('exclude', () => {
  test('leaves out what matches all that an entry says', async () => {
    const plan = await planOf(`${sampler}
sweep: {tune: [500, 1000]}
variants: {beta-prior: {normal: {beta_prior: {sigma: 1}}, wide: {beta_prior.sigma: 3}}}
exclude: [{tune: 1000, variants: {beta-prior: normal}}]
`).catch((error: Error) => error);
    expect(plan).toBeInstanceOf(Error);
    const valid = await planOf(`
worker: sampler
base: {votes: ../data/votes.csv, beta_prior: {distribution: normal, mu: 0}}
sweep: {tune: [500, 1000]}
variants: {beta-prior: {normal: {beta_prior: {sigma: 1}}, wide: {beta_prior.sigma: 3}}}
exclude: [{tune: 1000, variants: {beta-prior: normal}}]
`);
    expect(valid.experiments.map(({ label }) => label)).toEqual(['tune-500-normal', 'tune-500-wide', 'tune-1000-wide']);
    expect(valid.excluded).toBe(1);
  });

  test('sees defaults, dotted paths, and nested maps as partial ones', async () => {
    const axes = 'sweep: {tune: [500, 1000, 2000], sample.seed: [1, 2]}\n';
    expect((await planOf(`${sampler}${axes}exclude: [{tune: 500, chains: 4}]\n`)).experiments).toHaveLength(4);
    expect((await planOf(`${sampler}${axes}exclude: [{sample: {seed: 2}}]\n`)).experiments).toHaveLength(3);
    expect((await planOf(`${sampler}${axes}exclude: [{sample.seed: 2, tune: 500}]\n`)).experiments).toHaveLength(5);
  });

  test('may be meant for one worker', async () => {
    const plan = await planOf(`
workers: [transformers, vllm]
base: {model: tiny}
sweep: {batch: [1, 8]}
exclude: [{vllm.batch: 8}, {worker: transformers, batch: 1}]
`);
    expect(batches(plan)).toEqual(['transformers 8', 'vllm 1']);
  });

  test('keeps invalid combinations from failing the plan, and spares explicit experiments', async () => {
    const plan = await planOf(`
worker: transformers
base: {model: tiny}
sweep: {batch: [1, 4096]}
exclude: [{batch: 4096}]
experiments: [{label: again, batch: 2}]
`);
    expect(written(plan, 'batch')).toEqual(['1', '2']);
  });

  test('makes room below the limit', async () => {
    const text = `${sampler}
limits: {measurements: 4}
sweep: {tune: [1, 2, 3], draws: [1, 2, 3]}
exclude: [{tune: 2}, {tune: 3, draws: 3}]
`;
    await expect(planOf(text)).rejects.toThrow('the plan has 5 measurements, and the limit is 4');
    expect((await planOf(text.replace('measurements: 4', 'measurements: 5'))).measurements).toHaveLength(5);
  });
});

describe('invalid: skip', () => {
  test('lists what it leaves out, with the reason', async () => {
    const plan = await planOf(`
worker: sampler
invalid: skip
base: {votes: ../data/votes.csv, beta_prior: {sigma: 1}}
sweep: {beta_prior.distribution: [normal, halfnormal]}
variants: {location: {none: {}, centred: {beta_prior: {mu: 0}}}}
`);
    expect(plan.experiments.map(({ varied }) => varied)).toEqual([
      { 'beta_prior.distribution': 'normal', location: 'centred' },
      { 'beta_prior.distribution': 'halfnormal', location: 'none' },
    ]);
    expect(plan.skipped.map(({ varied: { location }, reason }) => [location, reason])).toEqual([
      ['none', '`beta_prior.mu` is missing, which goes with `distribution: normal`'],
      ['centred', "`beta_prior.mu` doesn't go with `distribution: halfnormal`"],
    ]);
  });

  test('never skips an explicit experiment', async () => {
    const text = 'worker: transformers\ninvalid: skip\nbase: {model: tiny}\nexperiments: [{batch: 0}]\n';
    await expect(planOf(text)).rejects.toThrow('`batch` must be 1 or more');
  });
});

describe('outcomes and settings', () => {
  test('experiments may be expected to fail, explicit ones and combinations', async () => {
    const plan = await planOf(`
worker: transformers
base: {model: tiny}
sweep: {batch: [1, 1024]}
expect: {failed: [{batch: 1024}]}
experiments: [{label: huge, batch: 1000, expect: failed}, {label: fine, batch: 2}]
`);
    expect(plan.experiments.map(({ label, expect: outcome }) => [label, outcome])).toEqual([
      ['batch-1', null],
      ['batch-1024', 'failed'],
      ['huge', 'failed'],
      ['fine', null],
    ]);
  });

  test('the baseline is chosen by settings, variants, worker or label', async () => {
    const text = (baseline: string) => `${sampler}
sweep: {tune: [500, 1000]}
variants: {chains: {few: {chains: 2}, many: {chains: 4}}}
experiments: [{label: long, draws: 4000}]
report: {baseline: ${baseline}}
`;
    const chosen = async (baseline: string) =>
      (await planOf(text(baseline))).baseline.map((id) => id.replace(/-[0-9a-f]{8}$/, ''));
    expect(await chosen('{variants: {chains: few}}')).toEqual(['tune-500-few', 'tune-1000-few']);
    expect(await chosen('{tune: 500, chains: 4}')).toEqual(['tune-500-many']);
    expect(await chosen('{label: long}')).toEqual(['long']);
    expect((await planOf(sampler)).baseline).toEqual([]);
  });

  test('what is left out has a default', async () => {
    const { execution, gates, repeat, seed, cpus, description } = await planOf(sampler);
    expect({ execution, gates, repeat, seed, cpus, description }).toEqual({
      execution: plainExecution,
      gates: {},
      repeat: { times: 1, order: 'interleaved', seed: 1 },
      seed: 1,
      cpus: null,
      description: null,
    });
  });

  test('waiting for a temperature has a bound, also when none is written', async () => {
    const gap = async (text: string) => (await planOf(`${sampler}execution: {gap: ${text}}\n`)).execution.gap;
    expect(await gap('{min_s: 10, until: {temperature_rise_c: 3}}')).toEqual({
      min_s: 10,
      cycle_s: 10,
      max_s: 300,
      until: { temperature_rise_c: 3 },
    });
    expect(await gap('{min_s: 900, until: {temperature_rise_c: 3}}')).toMatchObject({ max_s: 900 });
    expect(await gap('{cycle_s: 900, until: {temperature_rise_c: 3}}')).toMatchObject({ cycle_s: 900, max_s: 900 });
    expect(await gap('{until: {temperature_rise_c: 3}, max_s: null}')).toMatchObject({ max_s: null });
  });

  test('the gap between cycles is never less than that between measurements', async () => {
    const gap = async (text: string) => (await planOf(`${sampler}execution: {gap: ${text}}\n`)).execution.gap;
    expect(await gap('{min_s: 10, cycle_s: 60}')).toMatchObject({ min_s: 10, cycle_s: 60 });
    expect(await gap('{min_s: 10, cycle_s: 5}')).toMatchObject({ min_s: 10, cycle_s: 10 });
  });

  test('the order has a seed of its own, or that of the study', async () => {
    expect((await planOf(`${sampler}seed: 5\n`)).repeat.seed).toBe(5);
    expect((await planOf(`${sampler}seed: 5\nrepeat: {seed: 9}\n`)).repeat.seed).toBe(9);
  });

  test('a balanced order reports its pairs', async () => {
    const plan = await planOf(`${sampler}sweep: {chains: [1, 2, 3]}\nrepeat: {times: 6, order: balanced}\n`);
    expect(plan.balance).toEqual({ covered: 6, pairs: 6, least: 2, most: 2 });
  });
});

test('data files become paths of the workspace, wherever they are in the configuration', async () => {
  const plan = await planOf(`
worker: sampler
base: {votes: ../data/votes.csv, extra: [{file: ./own.csv}, {file: ../other/more.csv}]}
`);
  const { configuration, dataFiles } = plan.experiments[0]!;
  expect(dataFiles).toEqual(['votes', 'extra.0.file', 'extra.1.file']);
  expect(configuration.extra).toEqual([
    { file: 'studies/s/own.csv', weight: 1 },
    { file: 'studies/other/more.csv', weight: 1 },
  ]);
});
