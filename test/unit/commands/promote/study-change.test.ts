import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson } from '../../../../plugins/nx-study/src/base/canonical.ts';
import { baseIn } from '../../../../plugins/nx-study/src/commands/promote/base.ts';
import { promoteToDefaults } from '../../../../plugins/nx-study/src/commands/promote/defaults-change.ts';
import { promoteInto } from '../../../../plugins/nx-study/src/commands/promote/study-change.ts';
import type { Experiment } from '../../../../plugins/nx-study/src/plan/types.ts';
import { makePlan } from '../../../../plugins/nx-study/src/study/make.ts';
import type { KnownWorkers } from '../../../../plugins/nx-study/src/study/make.ts';
import { readWorkers } from '../../../../plugins/nx-study/src/worker/read.ts';
import { readYaml } from '../../../../plugins/nx-study/src/yaml/yaml.ts';
import { fixtures } from '../../study/workspace.ts';

const workers = await readWorkers(join(fixtures, 'shapes'));
const FILE = 'studies/s/study.yaml';
const OTHER = 'studies/t/study.yaml';

async function planOf(text: string, file = FILE) {
  const { plan, issues } = await makePlan(file, text, workers);
  expect(issues).toEqual([]);
  return plan!;
}

const labelled = (experiments: readonly Experiment[], label: string) => experiments.find((one) => one.label === label)!;

async function promote(text: string, label: string) {
  const plan = await planOf(text);
  return promoteInto({ file: FILE, text, plan }, labelled(plan.experiments, label), { from: FILE, workers });
}

/** What a study measures without its axes, variants and explicit experiments. */
async function alone(text: string, file = FILE) {
  const { worker, workers: several, platform, base } = readYaml(text).value as Record<string, unknown>;
  const { experiments } = await planOf(JSON.stringify({ worker, workers: several, platform, base }), file);
  return experiments.map((one) => canonicalJson([one.worker, one.configuration]));
}

const identityOf = ({ worker, configuration }: Experiment) => canonicalJson([worker, configuration]);

const simple = `# A question
worker: sampler
base:
  votes: ../data/votes.csv # of the Senate
  tune: 500   # short

  sample: {rollcalls: 60}
sweep:
  draws: [500, 1000]
variants:
  prior:
    wide: { beta_prior: { distribution: normal, mu: 0, sigma: 1 }, sample.seed: 3 }
    tight: { beta_prior: { distribution: normal, mu: 0, sigma: 0.5 } }
`;

test('only the lines that must change do, and what repeats the base is named', async () => {
  const { after, changes, consequences } = await promote(simple, 'draws-1000-wide');
  expect(after).toBe(
    simple.replace(
      '{rollcalls: 60}\n',
      '{rollcalls: 60, seed: 3}\n  draws: 1000\n  beta_prior: { distribution: normal, mu: 0, sigma: 1 }\n',
    ),
  );
  expect(changes.map(({ path }) => path.join('.')).toSorted()).toEqual(['beta_prior', 'draws', 'sample.seed']);
  expect(consequences.repeats).toEqual(['sweep: draws = 1000', 'variants: prior = wide']);
  // The seed of the sample changes where the other variant doesn't set it.
  expect(consequences.anew).toEqual({ count: 2, of: 4 });
  expect(consequences.changed).toEqual(['draws-500-tight: sample.seed: 1 → 3', 'draws-1000-tight: sample.seed: 1 → 3']);
  expect(consequences.remarks).toEqual([]);
});

test('the base of another worker stays, also where all workers share a setting', async () => {
  const text = `workers: [llama-cpp, vllm]
platform: any
base:
  model: m
  batch: 2
  llama-cpp.threads: 4
sweep:
  batch: [1, 8]
  llama-cpp.threads: [1, 2]
`;
  const { after } = await promote(text, 'llama-cpp-batch-8-threads-2');
  expect(after).toBe(text.replace('threads: 4\n', 'threads: 2\n  llama-cpp: { batch: 8 }\n'));
  const vllm = (configurations: string[]) => configurations.filter((one) => one.includes('vllm'));
  expect(vllm(await alone(after))).toEqual(vllm(await alone(text)));
});

test('a value that an alias shares is not changed elsewhere', async () => {
  const text =
    'worker: sampler\nbase: {votes: ../data/votes.csv, draws: &d 500}\nsweep: {draws: [*d, 1000], tune: [*d]}\n';
  await expect(promote(text, 'draws-1000-tune-500')).rejects.toThrow(
    "studies/s/study.yaml can't be changed without changing more than the base of the worker (another part of the file would change, such as through an anchor). Write it by hand; these settings differ:\n  draws: 500 → 1000",
  );
});

test('a study that could no longer be planned is not written', async () => {
  const text = `worker: sampler
base: {votes: ../data/votes.csv}
sweep: {draws: [500, 1000]}
experiments: [{label: own, tune: 7}]
exclude: [{draws: 500, tune: 1000}]
`;
  await expect(promote(text, 'own')).rejects.toThrow(
    /With this base the study could no longer be planned.*--into.*--defaults/,
  );
});

test('experiments that the study would no longer have, or have twice, are named', async () => {
  const skipping = `worker: sampler
invalid: skip
base: {votes: ../data/votes.csv}
variants:
  prior:
    wide: {beta_prior: {distribution: lognormal, mu: 0, sigma: 3}}
    half: {beta_prior: {distribution: halfnormal, sigma: 1}}
    own: {tune: 7}
`;
  const { after, consequences } = await promote(skipping, 'wide');
  expect((await planOf(after)).experiments.map(({ label }) => label)).toEqual(['wide', 'own']);
  expect(consequences.changed).toEqual([
    'half: beta_prior.mu: not set → 0 (the study would no longer have it)',
    'own: beta_prior.distribution: "normal" → "lognormal", beta_prior.sigma: 1 → 3',
  ]);
  expect(consequences.anew).toEqual({ count: 1, of: 2 });

  const merging =
    'worker: sampler\nbase: {votes: ../data/votes.csv}\nexperiments: [{label: a, tune: 7}, {label: b, tune: 7, draws: 9}, {label: c, draws: 9}]\n';
  const merged = await promote(merging, 'a');
  expect((await planOf(merged.after)).experiments).toHaveLength(2);
  expect(merged.consequences).toMatchObject({ changed: ['c: tune: 1000 → 7'], anew: { count: 0, of: 2 } });
});

test('of the priors of senators, all become the base that can, and no other experiment changes', async () => {
  const root = join(import.meta.dirname, '../../../..');
  const file = 'studies/senate-beta-prior/study.yaml';
  const real = await readWorkers(root);
  const text = await readFile(join(root, file), 'utf8');
  const planned = async (of: string, known: KnownWorkers = real) => (await makePlan(file, of, known)).plan!;
  const plan = await planned(text);
  const into = (label: string) =>
    promoteInto({ file, text, plan }, labelled(plan.experiments, label), { from: file, workers: real });
  const baseAlone = async (of: string, known: KnownWorkers = real) => {
    const { worker, base } = readYaml(of).value as Record<string, unknown>;
    return identityOf((await planned(JSON.stringify({ worker, base }), known)).experiments[0]!);
  };

  const normal = await into('normal');
  expect(normal).toMatchObject({ after: text, changes: [], consequences: { changed: [], anew: { count: 0, of: 3 } } });
  expect(normal.consequences.remarks).toEqual([
    'The base does not set `beta_prior`: the defaults of ideal-point give the same, and other experiments would change if it did.',
  ]);
  expect(await baseAlone(text)).toBe(identityOf(labelled(plan.experiments, 'normal')));

  const half = await into('halfnormal');
  expect((await planned(half.after)).experiments).toEqual(plan.experiments);
  expect(await baseAlone(half.after)).toBe(identityOf(labelled(plan.experiments, 'halfnormal')));

  await expect(into('lognormal')).rejects.toThrow(
    /could no longer be planned.*--into.*--defaults[^]*these experiments would change:\n {2}- halfnormal: beta_prior.mu: not set → 0\n/,
  );
  const worker = real.get('ideal-point')!;
  const schema = await readFile(join(root, worker.root, worker.manifest.config), 'utf8');
  const source = { study: 'senate-beta-prior', base: baseIn(file, text, { worker: worker.name, workers: real }) };
  const lognormal = labelled(plan.experiments, 'lognormal');
  const defaults = promoteToDefaults({ text: schema, worker }, lognormal, source);
  const changed = new Map([...real, [worker.name, { ...worker, configSchema: JSON.parse(defaults.after) }]]);
  expect((await planned(text, changed)).experiments).toEqual(plan.experiments);
  expect(await baseAlone(text, changed)).toBe(identityOf(lognormal));
});

test('the base of another study becomes the same configuration, with the data files as that study names them', async () => {
  const text = 'worker: sampler\nbase: {votes: own.csv, draws: 500}\nsweep: {tune: [1, 2]}\n';
  const other =
    'worker: sampler\nbase:\n  votes: ../data/votes.csv\n  chains: 2 # few\n  draws: 500\nsweep: {thin: [1, 2]}\n';
  const { experiments } = await planOf(text);
  const promoted = labelled(experiments, 'tune-2');
  const target = { file: OTHER, text: other, plan: await planOf(other, OTHER) };
  const { after } = await promoteInto(target, promoted, { from: FILE, workers });
  expect(after).toBe(
    other.replace('../data/votes.csv\n  chains: 2 # few\n', '../s/own.csv\n').replace('500\n', '500\n  tune: 2\n'),
  );
  expect(await alone(after, OTHER)).toEqual([identityOf(promoted)]);
});

test('a setting that all workers share can’t be taken from one of them', async () => {
  const text = 'worker: vllm\nbase: {model: m}\nsweep: {batch: [1, 2]}\n';
  const other = 'workers: [vllm, llama-cpp]\nplatform: any\nbase: {model: m, new_tokens: 8}\n';
  const { experiments } = await planOf(text);
  const target = { file: OTHER, text: other, plan: await planOf(other, OTHER) };
  await expect(promoteInto(target, experiments[0]!, { from: FILE, workers })).rejects.toThrow(
    '`base` sets `new_tokens` for all of its workers (vllm, llama-cpp)',
  );
});

const positive = fc.integer({ min: 1, max: 50 });
const settings = fc.record(
  {
    tune: positive,
    draws: positive,
    sample: fc.record({ rollcalls: fc.integer({ min: 2, max: 9 }), seed: positive }, { requiredKeys: [] }),
    'sample.rollcalls': fc.integer({ min: 2, max: 9 }),
    beta_prior: fc.constantFrom(
      { distribution: 'normal', mu: 0, sigma: 1 },
      { distribution: 'normal', mu: 1, sigma: 2 },
    ),
    extra: fc.array(fc.record({ file: fc.constant('../data/votes.csv'), weight: positive }), {
      minLength: 1,
      maxLength: 2,
    }),
    polarity: fc.constantFrom('none', 'party'),
    sampler: fc.record({ chains: positive, target_accept: fc.constantFrom(0.5, 0.8) }, { requiredKeys: [] }),
  },
  { requiredKeys: [] },
);
const axes = fc.record(
  {
    tune: fc.uniqueArray(positive, { minLength: 1, maxLength: 2 }),
    'sample.seed': fc.uniqueArray(positive, { minLength: 1, maxLength: 2 }),
    'sampler.chains': fc.uniqueArray(positive, { minLength: 1, maxLength: 2 }),
  },
  { requiredKeys: [] },
);
const variants = fc.record({
  one: fc.record({ draws: positive, polarity: fc.constant('party') }),
  two: fc.record({ draws: positive }),
});

/** In lines with comments, or in braces. */
function textOf(
  { base, sweep, group }: { base: object; sweep: object; group: object | null },
  inLines: boolean,
): string {
  const lines = Object.entries({ votes: '../data/votes.csv', ...base }).map(
    ([key, value]) => `  ${key}: ${JSON.stringify(value)} # about ${key}\n`,
  );
  const shown = inLines ? `\n${lines.join('')}` : ` ${JSON.stringify({ votes: '../data/votes.csv', ...base })} # all\n`;
  return `# top\nworker: sampler\nbase:${shown}# below\nsweep: ${JSON.stringify(sweep)}\n${group ? `variants: ${JSON.stringify({ group })}\n` : ''}`;
}

test('of any study, each experiment becomes the base, and the other lines stay', async () => {
  let promoted = 0;
  await fc.assert(
    fc.asyncProperty(settings, axes, fc.option(variants), fc.boolean(), async (base, sweep, group, inLines) => {
      const text = textOf({ base, sweep, group }, inLines);
      const { plan, issues } = await makePlan(FILE, text, workers);
      fc.pre(issues.length === 0);
      for (const experiment of plan!.experiments) {
        const { after, changes } = await promoteInto({ file: FILE, text, plan: plan! }, experiment, {
          from: FILE,
          workers,
        });
        expect(await alone(after)).toEqual([identityOf(experiment)]);
        const kept = text.split('\n').filter((line) => !after.split('\n').includes(line));
        expect(kept.length).toBeLessThanOrEqual(changes.length);
        expect(after.startsWith('# top\nworker: sampler\nbase:')).toBe(true);
        expect(after.slice(after.indexOf('# below'))).toBe(text.slice(text.indexOf('# below')));
        promoted += changes.length;
      }
    }),
    { numRuns: 60 },
  );
  expect(promoted).toBeGreaterThan(50);
});

const scoped = fc.record(
  {
    batch: positive,
    warmup: fc.record({ runs: positive }, { requiredKeys: [] }),
    'warmup.cooldown_s': positive,
    'vllm.batch': positive,
    vllm: fc.record({ block: fc.constantFrom(8, 16), new_tokens: positive }, { requiredKeys: [] }),
    'transformers.compile': fc.boolean(),
    'vllm.warmup.runs': positive,
  },
  { requiredKeys: [] },
);
const scopedAxes = fc.record(
  {
    batch: fc.uniqueArray(positive, { minLength: 1, maxLength: 2 }),
    'vllm.warmup.runs': fc.uniqueArray(positive, { minLength: 1, maxLength: 2 }),
    'transformers.warmup.runs': fc.uniqueArray(positive, { minLength: 1, maxLength: 2 }),
    new_tokens: fc.uniqueArray(positive, { minLength: 1, maxLength: 2 }),
  },
  { requiredKeys: [] },
);

test('of any study with two workers, one has the experiment as its base, and the other one stays', async () => {
  let changed = 0;
  await fc.assert(
    fc.asyncProperty(scoped, scopedAxes, async (base, sweep) => {
      const text = `workers: [vllm, transformers]\nbase: ${JSON.stringify({ model: 'm', ...base }, null, 2)}\nsweep: ${JSON.stringify(sweep)}\n`;
      const { plan, issues } = await makePlan(FILE, text, workers);
      fc.pre(issues.length === 0);
      const before = await alone(text);
      for (const experiment of plan!.experiments) {
        const { after, changes } = await promoteInto({ file: FILE, text, plan: plan! }, experiment, {
          from: FILE,
          workers,
        });
        const found = await alone(after);
        expect(found).toHaveLength(2);
        const own = experiment.worker === 'vllm' ? 0 : 1;
        expect([found[own], found[1 - own]]).toEqual([identityOf(experiment), before[1 - own]]);
        changed += changes.length;
      }
    }),
    { numRuns: 60 },
  );
  expect(changed).toBeGreaterThan(50);
});
