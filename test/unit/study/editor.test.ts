import { execFile } from 'node:child_process';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { editorSchema } from '../../../plugins/nx-study/src/study/editor.ts';
import { readWorkers } from '../../../plugins/nx-study/src/worker/read.ts';
import { fixtures, makeWorkspace } from './workspace.ts';

const workers = await readWorkers(join(fixtures, 'shapes'));
const schema = editorSchema([...workers.values()]);
const validate = new Ajv({ strict: false, allErrors: true }).compile(schema);
const places = (text: string) => {
  validate(parse(text));
  return (validate.errors ?? []).filter(({ keyword }) => keyword !== 'if').map(({ instancePath }) => instancePath);
};

test('accepts the studies of the fixtures, and all that the grammar allows', async () => {
  for (const study of ['models-and-precisions', 'three-workers'])
    expect(places(await readFile(join(fixtures, `shapes/studies/${study}/study.yaml`), 'utf8'))).toEqual([]);
  expect(
    places(`
worker: sampler
base: {votes: a.csv, sampler: {chains: 2}, sample.seed: 3, beta_prior: {sigma: 2}}
sweep: {sample.seed: [1, 2], sampler.tune: [500], beta_prior: [{distribution: normal}]}
zip: [{draws: [1, 2], chains: [1, 2]}]
variants: {prior: {wide: {beta_prior: {sigma: 3}}, same: {}}}
exclude: [{tune: 500, variants: {prior: wide}}]
expect: {failed: [{worker: sampler, chains: 2}]}
experiments: [{label: long, draws: 4000, expect: failed}]
report: {baseline: {label: long}}
`),
  ).toEqual([]);
});

test.each([
  ['worker: nobody', '/worker'],
  ['worker: sampler\nbase: {chain: 4}', '/base'],
  ['worker: sampler\nbase: {chains: four}', '/base/chains'],
  ['worker: sampler\nbase: {beta_prior: {scale: 4}}', '/base/beta_prior'],
  ['worker: sampler\nsweep: {tune: 500}', '/sweep/tune'],
  ['worker: sampler\nsweep: {batch: [1]}', '/sweep'],
  ['worker: transformers\nsweep: {warmup.runs: [1, many]}', '/sweep/warmup.runs/1'],
  ['worker: transformers\nvariants: {g: {a: {precision: f16}}}', '/variants/g/a/precision'],
  ['worker: transformers\nexperiments: [{labl: a}]', '/experiments/0'],
  ['workers: [transformers, vllm]\nbase: {vllm: {attention: sdpa}}', '/base/vllm'],
  ['worker: sampler\nrepeat: {order: random}', '/repeat/order'],
])('refuses %j at %s', (text, place) => {
  expect(places(text)).toContain(place);
});

test('explains every key of the grammar', () => {
  const missing: string[] = [];
  const look = (node: unknown, path: string) => {
    const { properties = {} } = node as { properties?: Record<string, { description?: string; $ref?: string }> };
    for (const [key, inner] of Object.entries(properties)) {
      if (!inner.description) missing.push(`${path}.${key}`);
      look(inner, `${path}.${key}`);
    }
  };
  look({ properties: schema.properties }, '');
  expect(missing).toEqual([]);
});

test('the script writes types, and notices stale ones', { timeout: 120_000 }, async () => {
  const root = await makeWorkspace();
  const script = join(fixtures, '../../tools/schemas.mjs');
  const run = async (...options: string[]) => {
    const child = promisify(execFile)(process.execPath, [script, `--root=${root}`, ...options]);
    return child.then(
      () => 'fine',
      ({ stderr }: { stderr: string }) => stderr,
    );
  };
  expect(await run('--check')).toContain('workers/sampler/config.d.ts is stale');
  expect(await run()).toBe('fine');
  expect(await readFile(join(root, 'workers/sampler/config.d.ts'), 'utf8')).toContain(
    'export interface Configuration {',
  );
  expect(await readdir(join(root, 'workers/vllm'))).toContain('config.d.ts');
  expect(await run('--check')).toBe('fine');
  await writeFile(join(root, 'workers/sampler/config.d.ts'), '');
  await rm(join(root, 'workers/vllm/config.d.ts'));
  const stale = await run('--check');
  expect(stale).toContain('workers/sampler/config.d.ts is stale');
  expect(stale).toContain('workers/vllm/config.d.ts is stale');
});
