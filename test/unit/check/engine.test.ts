import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openEngineChecks } from '../../../plugins/nx-study/src/check/engine.ts';
import { configChecker } from '../../../plugins/nx-study/src/worker/config.ts';
import { readWorker } from '../../../plugins/nx-study/src/worker/read.ts';
import { temporaryFolder } from '../machine/helpers.ts';
import { aTask } from '../measure/task.ts';

const root = join(import.meta.dirname, '../../..');
const vllm = await readWorker(root, 'vllm');

/** A folder with a model's header, and nothing else. */
function modelWith(header: object): string {
  const folder = join(temporaryFolder(), 'model');
  mkdirSync(folder);
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ model_type: 'llama', hidden_size: 96, ...header }));
  return folder;
}

const taskOf = (written: Record<string, string | number | boolean>, expected = false) =>
  aTask({
    worker: 'vllm',
    configuration: configChecker(vllm)(written).configuration,
    assets: ['model'],
    expect: expected ? 'failed' : null,
  });

const on = (gpus: number | null, compute_capability: number | null = null) =>
  openEngineChecks(root, () => Promise.resolve({ system: 'linux-x64', gpus, compute_capability }));

test("what the model's header rules out is unsupported on any machine", async () => {
  const model = modelWith({ num_attention_heads: 3, max_position_embeddings: 512 });
  const check = on(0);
  expect(await check(taskOf({ model, max_model_len: 513 }), vllm)).toMatchObject({
    type: 'unsupported',
    summary: expect.stringMatching(
      /^its engine would not run these settings as they are, so it was not started: .*513.*512 positions/,
    ),
    problems: [{ path: 'max_model_len', value: '513', file: null }],
  });
  expect(await check(taskOf({ model, max_model_len: 512 }), vllm)).toBe(null);
  expect(await check(taskOf({ model, max_model_len: 513 }, true), vllm)).toBe(null);
  const stretched = modelWith({ max_position_embeddings: 512, rope_scaling: { rope_type: 'yarn', factor: 4 } });
  expect(await check(taskOf({ model: stretched, max_model_len: 2048 }), vllm)).toBe(null);
});

test('what this machine rules out is its refusal; where nothing is known of GPUs, nothing is refused', async () => {
  const model = modelWith({ num_attention_heads: 4 });
  const cuda = taskOf({ model, device: 'cuda', compute_dtype: 'bfloat16', tensor_parallel_size: 2 });
  const refusal = async (check: ReturnType<typeof on>) => {
    const refused = await check(cuda, vllm);
    return refused && [refused.type, ...refused.problems.map(({ message }) => /rule `(.+?)`/.exec(message)![1])];
  };
  expect(await refusal(on(0))).toEqual(['platform', 'cuda-needs-gpu']);
  expect(await refusal(on(1, 7.5))).toEqual(['platform', 'ranks-in-gpus', 'bfloat16-on-gpus']);
  expect(await refusal(on(2, 8))).toBe(null);
  expect(await refusal(on(null))).toBe(null);
});

test('metal is refused on every system but the one that has it', async () => {
  const llamaCpp = await readWorker(root, 'llama-cpp');
  const { configuration } = configChecker(llamaCpp)({ model: '/nowhere/model.gguf', device: 'metal' });
  const task = aTask({ worker: 'llama-cpp', configuration, assets: ['model'] });
  const refusalOn = (system: string) =>
    openEngineChecks(root, () => Promise.resolve({ system, gpus: 0, compute_capability: null }))(task, llamaCpp);
  const refused = {
    type: 'platform',
    problems: [
      { path: 'device', message: expect.stringMatching(/^`device` is metal.* this machine is linux-x64 \(rule/) },
    ],
  };
  expect(await refusalOn('linux-x64')).toMatchObject(refused);
  expect(await refusalOn('darwin-x64')).not.toBe(null);
  expect(await refusalOn('darwin-arm64')).toBe(null);
});

test('a model that is not here, or has no readable header, is left to its engine', async () => {
  const check = on(0);
  for (const model of ['/nowhere/model', temporaryFolder(), modelWith({ max_position_embeddings: 'many' })])
    expect(await check(taskOf({ model, max_model_len: 2 ** 30 }), vllm)).toBe(null);
});
