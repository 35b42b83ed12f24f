import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makePlan } from '../../../plugins/nx-study/src/study/make.ts';
import { readWorkers } from '../../../plugins/nx-study/src/worker/read.ts';

const workers = await readWorkers(join(import.meta.dirname, '../../..'));
const planOf = (text: string) => makePlan('studies/s/study.yaml', text, workers);

const SWEEP = `
worker: llama-cpp
sweep:
  flash_attention: [auto, false]
  kv_cache_value: [f16, q8_0]
`;

test('a combination that the engine refuses is told with its line, its value, the rule and the way out', async () => {
  const { plan, issues } = await planOf(SWEEP);
  expect(plan).toBe(null);
  expect(issues).toMatchObject([
    {
      file: 'studies/s/study.yaml',
      line: 5,
      column: 25,
      combination: { flash_attention: false, kv_cache_value: 'q8_0' },
      message: expect.stringMatching(
        /type q8_0 .*`flash_attention` is false \(rule `quantised-.*`: llama\.cpp .* 3\.\d+\.\d+ refuses it, as was seen/,
      ),
      hint: expect.stringMatching(/^Leave `flash_attention` at auto.*`exclude`.*`expect`/),
    },
  ]);
});

test('it can be left out, skipped with its reason, or measured to see it fail', async () => {
  const excluded = await planOf(`${SWEEP}exclude: [{ flash_attention: false, kv_cache_value: q8_0 }]`);
  expect(excluded.plan).toMatchObject({ excluded: 1, skipped: [] });

  const skipped = await planOf(`${SWEEP}invalid: skip`);
  expect(skipped.plan!.experiments).toHaveLength(3);
  expect(skipped.plan!.skipped).toMatchObject([{ reason: expect.stringContaining('quantised-values-need') }]);

  const expected = await planOf(`${SWEEP}expect: { failed: [{ flash_attention: false, kv_cache_value: q8_0 }] }`);
  expect(expected.plan!.experiments.map(({ expect }) => expect)).toEqual([null, null, null, 'failed']);

  const named = 'experiments: [{ kv_cache_value: q8_0, flash_attention: false, expect: failed }]';
  expect(
    (await planOf(`${SWEEP}exclude: [{ flash_attention: false, kv_cache_value: q8_0 }]\n${named}`)).issues,
  ).toEqual([]);
  const skippedByName = await planOf(`${SWEEP}invalid: skip\n${named.replace(', expect: failed', '')}`);
  expect(skippedByName.issues).toMatchObject([{ path: 'experiments[0].kv_cache_value', value: 'q8_0' }]);
});

test('a synthetic model is known before any file is read, and a rule of the machine refuses no plan', async () => {
  const shape = 'layers: 2, hidden_size: 96, intermediate_size: 128, heads: 3, kv_heads: 3';
  const study = (settings: string) =>
    planOf(`worker: vllm\nbase:\n  model: { synthetic: { ${shape} } }\n  ${settings}\n`);
  const { issues } = await study('tensor_parallel_size: 2');
  expect(issues).toMatchObject([
    {
      line: 4,
      path: 'base.tensor_parallel_size',
      value: 2,
      message: expect.stringMatching(/^3 heads are no multiple/),
    },
  ]);
  expect((await study('tensor_parallel_size: 3')).issues).toEqual([]);
  expect((await study('device: cuda')).issues).toEqual([]);
});
