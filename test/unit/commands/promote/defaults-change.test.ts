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

test('a setting that the schema describes elsewhere is no default', async () => {
  const priors = `worker: sampler
base: {votes: ../data/votes.csv}
variants: {prior: {wide: {beta_prior: {distribution: normal, mu: 0, sigma: 3}}}}
`;
  await expect(promote(priors, 'wide')).rejects.toThrow('has no such property at a place of its own');
});
