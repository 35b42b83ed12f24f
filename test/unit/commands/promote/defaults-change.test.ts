import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { promoteToDefaults } from '../../../../plugins/nx-study/src/commands/promote/defaults-change.ts';
import { baseIn } from '../../../../plugins/nx-study/src/commands/promote/base.ts';
import { makePlan } from '../../../../plugins/nx-study/src/study/make.ts';
import { readWorkers } from '../../../../plugins/nx-study/src/worker/read.ts';
import { fixtures } from '../../study/workspace.ts';

const workers = await readWorkers(join(fixtures, 'shapes'));
const worker = workers.get('sampler')!;
const schema = await readFile(join(fixtures, 'shapes/workers/sampler/config.schema.json'), 'utf8');
const FILE = 'studies/s/study.yaml';

async function promote(text: string, label: string) {
  const { plan } = await makePlan(FILE, text, workers);
  const experiment = plan!.experiments.find((one) => one.label === label)!;
  const base = baseIn(FILE, text, { worker: 'sampler', workers });
  return promoteToDefaults({ text: schema, worker }, experiment, { study: 's', base });
}

const text = `worker: sampler
base: {votes: ../data/votes.csv, draws: 7}
sweep: {tune: [1000, 20], sample.seed: [1, 9], draws: [7, 8]}
`;

test('only the defaults of the settings that differ change, and what that means is said', async () => {
  const { file, after, consequences } = await promote(text, 'tune-20-seed-9-draws-8');
  expect(file).toBe('workers/sampler/config.schema.json');
  const [before, now] = [schema, after].map((one) => one.split('\n'));
  const changed = now!.filter((line, index) => line !== before![index]);
  expect(now).toHaveLength(before!.length);
  expect(changed.map((line) => line.trim())).toEqual(['"default": 9', '"default": 20', '"default": 8']);
  const { properties } = JSON.parse(after) as { properties: Record<string, { default: unknown }> };
  expect([properties['tune']!.default, properties['draws']!.default]).toEqual([20, 8]);
  expect(consequences.remarks[0]).toContain(
    'each study that uses it and does not set `draws`, `tune` and `sample.seed`',
  );
  expect(consequences.remarks[1]).toBe('The base of s sets `draws` itself, so there the default has no effect.');
});

test('a file of the study is no default', async () => {
  const files = 'worker: sampler\nexperiments:\n  - {label: a, votes: ../data/votes.csv}\n';
  await expect(promote(files, 'a')).rejects.toThrow(
    "`votes` can't become a default of sampler: it is a file of the study or a model",
  );
});

test('a map that the schema describes elsewhere becomes the default as a whole', async () => {
  const priors = `worker: sampler
base: {votes: ../data/votes.csv}
variants: {prior: {wide: {beta_prior: {distribution: normal, mu: 0, sigma: 3}}}}
`;
  const { after, changes } = await promote(priors, 'wide');
  expect(changes.map(({ path }) => path)).toEqual([['beta_prior']]);
  const { properties } = JSON.parse(after) as { properties: Record<string, object> };
  expect(properties['beta_prior']).toEqual({
    $ref: '#/$defs/prior',
    default: { distribution: 'normal', mu: 0, sigma: 3 },
  });
});

test('a default that would have no effect is refused, such as where the default of the map around it decides', async () => {
  const configSchema = JSON.parse(schema) as typeof worker.configSchema & { properties: { sample: object } };
  configSchema.properties.sample = { ...configSchema.properties.sample, default: { seed: 1 } };
  const { plan } = await makePlan(FILE, text, workers);
  const experiment = plan!.experiments.find(({ label }) => label === 'tune-1000-seed-9-draws-7')!;
  const input = { text: JSON.stringify(configSchema), worker: { ...worker, configSchema } };
  const base = baseIn(FILE, text, { worker: 'sampler', workers });
  expect(() => promoteToDefaults(input, experiment, { study: 's', base })).toThrow(
    "--defaults: `sample.seed` can't become a default of sampler: with that default the worker would have another configuration, or refuse it.",
  );
});
