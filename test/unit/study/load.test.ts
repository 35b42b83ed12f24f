import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadStudy } from '../../../plugins/nx-study/src/study/load.ts';
import { readWorkers } from '../../../plugins/nx-study/src/worker/read.ts';

const shapes = join(import.meta.dirname, '../../fixtures/shapes');
const planOf = async (name: string) => {
  const workers = await readWorkers(shapes);
  return (await loadStudy({ workspaceRoot: shapes, file: `studies/${name}/study.yaml`, workers })).plan;
};

test('two models, three precisions, three batch sizes and three repetitions make 54 measurements', async () => {
  const plan = await planOf('models-and-precisions');
  expect(plan.measurements).toHaveLength(54);
  console.log(plan.experiments.slice(0, 3), plan.measurements.slice(0, 3), plan.axes);
});

test('three workers with two batch sizes and three repetitions make 18 measurements', async () => {
  const plan = await planOf('three-workers');
  expect(plan.measurements).toHaveLength(18);
  console.log(plan.measurements.map((m) => m.id));
});
