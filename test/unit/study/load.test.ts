import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import fastGlob from 'fast-glob';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { readAssets } from '../../../plugins/nx-study/src/assets/manifest.ts';
import { editorSchema } from '../../../plugins/nx-study/src/study/editor.ts';
import { loadStudy } from '../../../plugins/nx-study/src/study/load.ts';
import { readWorkers } from '../../../plugins/nx-study/src/worker/read.ts';
import { errorOf, fixtures, load, loadIn, makeWorkspace } from './workspace.ts';
import { StudyError } from '../../../plugins/nx-study/src/yaml/texts.ts';

const shapes = join(fixtures, 'shapes');
const sampler = 'worker: sampler\nbase: {votes: ../data/votes.csv}\n';

describe('shapes of studies that people ran', () => {
  test('two models × three precisions × three batch sizes, three repetitions: 54 measurements', async () => {
    const { plan } = await loadIn(shapes, 'models-and-precisions');
    expect(plan.experiments).toHaveLength(18);
    expect(plan.measurements).toHaveLength(54);
    expect(plan.measurements.slice(0, 3).map(({ id }) => id.replace(/-[0-9a-f]{8}$/, ''))).toEqual([
      'tiny-fp32-batch-1',
      'tiny-fp32-batch-4',
      'tiny-fp32-batch-16',
    ]);
    expect(plan.measurements.map(({ cycle }) => cycle)).toEqual(
      [1, 2, 3].flatMap((cycle) => Array.from({ length: 18 }, () => cycle)),
    );
  });

  test('three workers × two batch sizes, three repetitions: 18 measurements', async () => {
    const { plan } = await loadIn(shapes, 'three-workers');
    expect(plan.experiments.map(({ label }) => label)).toEqual([
      'transformers-batch-1',
      'transformers-batch-8',
      'vllm-batch-1',
      'vllm-batch-8',
      'llama-cpp-batch-1',
      'llama-cpp-batch-8',
    ]);
    expect(plan.measurements).toHaveLength(18);
    for (const cycle of [1, 2, 3])
      expect(
        new Set(plan.measurements.filter((one) => one.cycle === cycle).map(({ experiment }) => experiment)).size,
      ).toBe(6);
  });
});

test('the whole grammar, as the design shows it', async () => {
  const { plan, study } = await load(`\uFEFF# a byte order mark and Windows line ends are fine\r
description: Does a positive discrimination prior change senators' ideal points?\r
worker: sampler\r
platform: any
cpus: 2
seed: 1
base:
  votes: ../data/votes.csv
  polarity: party
  sample: {rollcalls: 60, seed: 7}
sweep:
  tune: [500, 1000]
variants:
  beta-prior:
    normal:     {beta_prior: {distribution: normal, mu: 0, sigma: 1}}
    lognormal:  {beta_prior: {distribution: lognormal, mu: 0, sigma: 0.5}}
zip:
  - {chains: [2, 4], draws: [2000, 1000]}
exclude:
  - {tune: 1000, variants: {beta-prior: normal}}
experiments:
  - {label: long, draws: 4000}
repeat: {times: 3, order: shuffled, seed: 1}
execution:
  gap: {min_s: 10, max_s: 300, until: {temperature_rise_c: 3}}
  timeout_s: 3600
  stop_after: {same_failure: 3}
limits: {measurements: 200}
gates: {rhat_max: 1.01}
report: {baseline: {variants: {beta-prior: normal}}}
`);
  expect(study.name).toBe('s');
  expect(plan.experiments.map(({ label }) => label)).toEqual([
    'tune-500-chains-2-draws-2000-normal',
    'tune-500-chains-2-draws-2000-lognormal',
    'tune-500-chains-4-draws-1000-normal',
    'tune-500-chains-4-draws-1000-lognormal',
    'tune-1000-chains-2-draws-2000-lognormal',
    'tune-1000-chains-4-draws-1000-lognormal',
    'long',
  ]);
  expect(plan).toMatchObject({
    study: 's',
    platform: 'any',
    cpus: 2,
    seed: 1,
    excluded: 2,
    gates: { rhat_max: 1.01 },
    execution: {
      gap: { min_s: 10, cycle_s: 10, max_s: 300, until: { temperature_rise_c: 3 } },
      timeout_s: 3600,
      stop_after_same_failure: 3,
      retry: null,
      monotone: [],
    },
    baseline: [plan.experiments[0]!.id, plan.experiments[2]!.id],
  });
  expect(plan.measurements).toHaveLength(21);
});

test('an objective that the kind has not is refused with its place', async () => {
  const error = await errorOf(load(`${sampler}report: {slo: {ttft_s: 1}}\n`));
  expect(error.issues).toMatchObject([
    {
      path: 'report.slo.ttft_s',
      message: 'there is no objective `ttft_s`',
      hint: "The kinds of this study's workers have no single requests to judge.",
    },
  ]);
});

describe('issues', () => {
  test('say file, line, column, path, value, combination and hint', async () => {
    const error = await errorOf(load(`${sampler}sweep:\n  draws: [500, many]\n  chains: [1, 2]\n`));
    expect(error).toBeInstanceOf(StudyError);
    expect(error.issues).toEqual([
      {
        file: 'studies/s/study.yaml',
        line: 4,
        column: 16,
        path: 'sweep.draws[1]',
        value: 'many',
        message: '`draws` must be a whole number, but is "many"',
        hint: null,
        combination: { draws: 'many', chains: 1 },
        others: 1,
      },
    ]);
  });

  test('inside an alias stand where its value is written', async () => {
    const error = await errorOf(
      load(`${sampler}variants:\n  size:\n    a: &small {drows: 5}\nexperiments:\n  - *small\n  - {drows: 6}\n`),
    );
    expect(error.issues.map(({ line, path }) => [line, path])).toEqual([
      [5, 'variants.size.a.drows'],
      [5, 'experiments[0].drows'],
      [8, 'experiments[1].drows'],
    ]);
  });

  test('come in the order of the file', async () => {
    const error = await errorOf(
      load('experiments:\n  - {label: A}\nworker: sampler\nbase: {votes: 3, chains: 0}\nseed: x\n'),
    );
    expect(error.issues.map(({ line }) => line)).toEqual([2, 4, 4, 5]);
  });

  test('of a large plan are told once each, and quickly', async () => {
    const many = Array.from({ length: 900 }, (_, index) => index + 1).join(', ');
    const error = await errorOf(
      load(`worker: sampler\nbase: {votes: ../data/votes.csv, chains: none}\nsweep: {draws: [${many}]}\n`),
    );
    expect(error.issues).toHaveLength(1);
    expect(error.issues[0]!.combination).toBeNull();
  });
});

describe('files', () => {
  test('a study that is missing, a folder, a link out of the workspace or badly named is refused', async () => {
    const root = await makeWorkspace({ 'studies/Bad Name/study.yaml': sampler });
    expect((await errorOf(loadIn(root, 'none'))).message).toContain("the file doesn't exist");
    expect((await errorOf(loadIn(root, 'Bad Name'))).message).toContain("the folder's name `Bad Name`");
    await mkdir(join(root, 'studies/folder/study.yaml'), { recursive: true });
    expect((await errorOf(loadIn(root, 'folder'))).message).toContain("the file can't be read: it is a folder");
    const outside = join(tmpdir(), `nx-study-outside-${process.pid}.yaml`);
    await writeFile(outside, sampler);
    await mkdir(join(root, 'studies/linked'));
    await symlink(outside, join(root, 'studies/linked/study.yaml'));
    const error = await errorOf(loadIn(root, 'linked'));
    await rm(outside);
    expect(error.message).toContain('the file is a link that leaves the workspace');
  });

  test('a link inside the workspace is followed', async () => {
    const root = await makeWorkspace({ 'studies/s/study.yaml': sampler.replace('votes.csv', 'link.csv') });
    await symlink('votes.csv', join(root, 'studies/data/link.csv'));
    expect((await loadIn(root, 's')).plan.experiments[0]!.configuration.votes).toBe('studies/data/link.csv');
  });

  test('a file that appears or vanishes is noticed although the study stays the same', async () => {
    const root = await makeWorkspace({ 'studies/s/study.yaml': sampler });
    const file = join(root, 'studies/data/votes.csv');
    const content = await readFile(file);
    await loadIn(root, 's');
    await rm(file);
    expect((await errorOf(loadIn(root, 's'))).message).toContain('there is no file studies/data/votes.csv');
    await writeFile(file, content);
    await loadIn(root, 's');
  });

  test('a platform may be a profile of the workspace', async () => {
    const root = await makeWorkspace({
      'studies/s/study.yaml': `${sampler}platform: quiet\n`,
      'studies/platforms/quiet.yaml': 'rules: { cores: { least: 1 } }\n',
    });
    expect((await loadIn(root, 's')).plan.platform).toBe('quiet');
  });

  test('a file of megabytes is refused without being read', async () => {
    const error = await errorOf(load(`${sampler}# ${'x'.repeat(2_000_000)}\n`));
    expect(error.message).toContain('262,144 is the most');
  });
});

test('the same text and contracts give the same plan, without making it again', async () => {
  const root = await makeWorkspace({ 'studies/s/study.yaml': sampler });
  const first = await loadIn(root, 's');
  expect((await loadIn(root, 's')).plan).toBe(first.plan);
  await writeFile(join(root, 'studies/s/study.yaml'), `${sampler}seed: 3\n`);
  expect((await loadIn(root, 's')).plan.seed).toBe(3);
});

test('the studies of this repository are planned, and their editors accept them', async () => {
  const root = join(import.meta.dirname, '../../..');
  const workers = await readWorkers(root);
  const { assets } = await readAssets(root);
  const schema = editorSchema([...workers.values()], [...assets.keys()]);
  const validate = new Ajv({ strict: false, allErrors: true }).compile(schema);
  const files = await fastGlob('studies/*/study.yaml', { cwd: root });
  expect(files.length).toBeGreaterThan(0);
  for (const file of files) {
    expect((await loadStudy({ workspaceRoot: root, file, workers })).plan.measurements.length).toBeGreaterThan(0);
    validate(parse(await readFile(join(root, file), 'utf8')));
    expect(validate.errors).toBeNull();
  }
});
