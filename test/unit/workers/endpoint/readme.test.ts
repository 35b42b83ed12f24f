import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makePlan } from '../../../../plugins/nx-study/src/study/make.ts';
import { readWorkers } from '../../../../plugins/nx-study/src/worker/read.ts';

const repository = join(import.meta.dirname, '../../../..');
const worker = join(repository, 'workers/endpoint');

test('the study in the README can be planned', async () => {
  const text = await readFile(join(worker, 'README.md'), 'utf8');
  const [, example] = /```yaml\n(.*?)```/s.exec(text)!;
  const made = await makePlan('studies/example/study.yaml', example!, await readWorkers(repository));
  expect(made.issues).toEqual([]);
  expect(made.plan!.measurements).toHaveLength(1);
});

test('the README explains every setting', async () => {
  const text = await readFile(join(worker, 'README.md'), 'utf8');
  const schema = JSON.parse(await readFile(join(worker, 'config.schema.json'), 'utf8'));
  const missing = Object.keys(schema.properties).filter(
    (name) => !text.includes(`| \`${name}\``) && !text.includes(`, \`${name}\``),
  );
  expect(missing).toEqual([]);
});
