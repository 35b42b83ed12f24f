import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Plan } from '../../../plugins/nx-study/src/plan/types.ts';
import { makePlan } from '../../../plugins/nx-study/src/study/make.ts';
import { readWorkers } from '../../../plugins/nx-study/src/worker/read.ts';
import { StudyError } from '../../../plugins/nx-study/src/yaml/texts.ts';

const workers = await readWorkers(join(import.meta.dirname, '../../..'));
const offline = ['llama-cpp', 'transformers', 'vllm', 'tensorrt-llm', 'sglang'];

/** The plan of a study of this repository's own workers. */
async function planOf(text: string): Promise<Plan> {
  const { plan, issues } = await makePlan('studies/s/study.yaml', text, workers);
  if (!plan || issues.length > 0) throw new StudyError('studies/s/study.yaml', issues);
  return plan;
}

interface Setting {
  default?: unknown;
  type?: unknown;
  minimum?: number;
  properties?: Record<string, Setting>;
}

/** A setting without the words around it. */
const shapeOf = ({ default: standard, type, minimum, properties = {} }: Setting): unknown => ({
  standard,
  type,
  minimum,
  properties: Object.fromEntries(Object.entries(properties).map(([name, setting]) => [name, shapeOf(setting)])),
});

const settingsOf = (worker: string) => workers.get(worker)!.configSchema.properties as Record<string, Setting>;

test.each([
  'threads',
  'batch_size',
  'prompt_tokens',
  'new_tokens',
  'workloads',
  'start',
  'warmup',
  'measure',
  'energy',
])('every offline engine means the same by %s', (name) => {
  const [first, ...others] = offline.flatMap((worker) => {
    const setting = settingsOf(worker)[name];
    return setting ? [shapeOf(setting)] : [];
  });
  expect(others.length).toBeGreaterThan(1);
  for (const other of others) expect(other).toEqual(first);
});

test('GPUs have the same numbers for CUDA as for NVML, which counts their energy', () => {
  for (const worker of offline)
    expect(workers.get(worker)!.manifest.env).toMatchObject({ CUDA_DEVICE_ORDER: 'PCI_BUS_ID' });
});

test('B1: axes over warm-up and measuring make as many measurements as they have values', async () => {
  const axes = 'sweep: {warmup.max_iterations: [0, 5, 20], measure.min_s: [1, 10], warmup.target_cv: [null, 0.05]}';
  for (const worker of offline) {
    const { measurements, merged } = await planOf(`worker: ${worker}\nbase: {model: /models/some}\n${axes}\n`);
    expect(new Set(measurements.map(({ id }) => id)).size).toBe(12);
    expect(merged).toEqual([]);
  }
});

test('B7: settings of an engine that the study does not use are refused', async () => {
  await expect(planOf('worker: transformers\nsweep: {vllm.enforce_eager: [true, false]}\n')).rejects.toThrow(
    "`vllm` is a worker that this study doesn't use",
  );
});

test('B8: a misspelt setting of an engine is refused, with the one that was meant', async () => {
  const misspelt: [string, string, string][] = [
    ['llama-cpp', 'flash_atention: true', 'Did you mean `flash_attention`?'],
    ['transformers', 'batchsize: 4', 'Did you mean `batch_size`?'],
    ['vllm', 'gpu_memory_utilisation: 0.5', 'Did you mean `gpu_memory_utilization`?'],
    ['transformers', 'warmup: {min_iteration: 2}', 'Did you mean `min_iterations`?'],
  ];
  for (const [worker, setting, hint] of misspelt)
    await expect(planOf(`worker: ${worker}\nbase: {${setting}}\n`)).rejects.toThrow(hint);
});

test('an address with a password is refused: it would be recorded', async () => {
  const study = (url: string) => `worker: endpoint\nbase: {model: m, url: '${url}'}\n`;
  await expect(planOf(study('https://user:secret@host/v1'))).rejects.toThrow('url');
  for (const url of ['https://host', 'http://host:8000/v1', 'http://127.0.0.1:{port}/v1?a=b@c'])
    expect((await planOf(study(url))).measurements).toHaveLength(1);
});
