import { expect, test } from 'vitest';
import { promotionOf } from '../../../../plugins/nx-study/src/commands/promote/promotion.ts';
import type { Target } from '../../../../plugins/nx-study/src/commands/promote/promotion.ts';
import { readWorkers } from '../../../../plugins/nx-study/src/worker/read.ts';
import { loadIn, makeWorkspace } from '../../study/workspace.ts';

const base = 'base: {votes: ../data/votes.csv}\n';

async function promote(target: Target, others: Record<string, string> = {}) {
  const studies = { letters: `worker: sampler\n${base}sweep: {tune: [1, 2]}\n`, ...others };
  const root = await makeWorkspace(
    Object.fromEntries(Object.entries(studies).map(([name, text]) => [`studies/${name}/study.yaml`, text])),
  );
  const { plan } = await loadIn(root, 'letters');
  const source = { study: 'letters', plan, workers: await readWorkers(root), target };
  return promotionOf(root, plan.experiments[1]!, source);
}

test('the base of the study is changed, or that of another one, or the schema of its worker', async () => {
  const own = await promote({ study: 'letters' });
  expect(own).toMatchObject({ file: 'studies/letters/study.yaml', consequences: { remarks: [] } });
  expect(own.after).toContain('base: {votes: ../data/votes.csv, tune: 2}');
  const other = await promote({ study: 'others' }, { others: `worker: sampler\ncpus: 1\n${base}` });
  expect(other).toMatchObject({ file: 'studies/others/study.yaml', changes: [{ path: ['tune'], after: 2 }] });
  expect(other.consequences.remarks).toEqual([
    'others measures under other conditions than those of the evidence: cpus: null → 1',
  ]);
  expect(await promote({ defaults: true })).toMatchObject({ file: 'workers/sampler/config.schema.json' });
});

test('another study must be there, and use the worker', async () => {
  const others = { others: 'worker: vllm\nbase: {model: m}\n' };
  await expect(promote({ study: 'other' }, others)).rejects.toThrow(
    '--into: there is no study `other`. Did you mean `others`?',
  );
  await expect(promote({ study: 'others' }, others)).rejects.toThrow(
    '--into: the study `others` does not use the worker `sampler`, but `vllm`.',
  );
});
