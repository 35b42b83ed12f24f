import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makePlan } from '../../../plugins/nx-study/src/study/make.ts';
import { readWorkers } from '../../../plugins/nx-study/src/worker/read.ts';

const repository = join(import.meta.dirname, '../../..');

it.each(['README.md', 'studies/README.md'])('the study in %s can be planned', async (file) => {
  const text = await readFile(join(repository, file), 'utf8');
  const [, example] = /```yaml\n(.*?)```/s.exec(text)!;
  const made = await makePlan('studies/example/study.yaml', example!, await readWorkers(repository));
  expect(made.issues).toEqual([]);
  expect(made.plan!.measurements.length).toBeGreaterThan(1);
});
