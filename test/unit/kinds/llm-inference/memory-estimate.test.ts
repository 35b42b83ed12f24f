import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tooLarge } from '../../../../plugins/nx-study/src/kinds/memory-texts.ts';
import type { JsonObject } from '../../../../plugins/nx-study/src/base/json.ts';
import { isAbsent } from '../../../../plugins/nx-study/src/base/known.ts';
import { estimateMemory } from '../../../../plugins/nx-study/src/kinds/llm-inference/memory-estimate.ts';
import { totalOf } from '../../../../plugins/nx-study/src/kinds/memory-estimate.ts';
import type { MemoryEstimate } from '../../../../plugins/nx-study/src/kinds/memory-estimate.ts';
import type { MemoryRule } from '../../../../plugins/nx-study/src/worker/manifest.ts';
import { ggufFile, llama } from '../../../helpers/gguf.ts';
import type { GgufValue } from '../../../helpers/gguf.ts';
import { temporaryFolder } from '../../machine/helpers.ts';

const GIB = 2 ** 30;
const MIB = 2 ** 20;
const GPU = { index: 0, uuid: 'GPU-0', total_bytes: 80 * GIB, free_bytes: 79 * GIB };
const AS_STORED: MemoryRule = { weights: 'as-stored', overheadMib: { cpu: 100, cuda: 300 }, defaults: {} };
const EXPANDED: MemoryRule = { weights: 'compute-dtype', overheadMib: {}, defaults: {} };

/** 2 layers, 2 of 8 heads keep 8 values each, 100 tokens, vectors of 64; 4 bytes a weight. */
function model(change = {}): string {
  const path = join(temporaryFolder(), 'model.gguf');
  writeFileSync(path, ggufFile(llama(change)));
  return path;
}
const PARAMETERS = 64 * 100 + 64 * 128;
const SYNTHETIC = {
  synthetic: {
    architecture: 'llama',
    layers: 2,
    hidden_size: 64,
    intermediate_size: 128,
    heads: 8,
    kv_heads: 2,
    vocabulary: 100,
    context: 512,
    tie_embeddings: true,
    dtype: 'float32',
    seed: 1,
  },
};

const settings = (change: JsonObject): JsonObject => ({
  device: 'cpu',
  batch_size: 3,
  prompt_tokens: 100,
  new_tokens: 20,
  ...change,
});
const LLAMA_CPP = { kv_cache_key: 'f16', kv_cache_value: 'f16', context_size: null, gpu_layers: null };
const TRANSFORMERS = { compute_dtype: 'float32', quantisation: null, cache: 'dynamic' };

function estimateOf(change: JsonObject, rule: MemoryRule, gpus = [GPU]): MemoryEstimate {
  const estimate = estimateMemory({ configuration: settings(change), rule, gpus, size: null })!;
  if (isAbsent(estimate)) throw new Error(estimate.reason);
  return estimate;
}
const bytesOf = (estimate: MemoryEstimate): Record<string, number> =>
  Object.fromEntries(estimate.terms.map(({ name, bytes }) => [name, bytes]));
const reasonOf = (change: JsonObject, rule = AS_STORED, gpus = [GPU]) =>
  estimateMemory({ configuration: settings(change), rule, gpus, size: null });

test('weights as stored, keys and values of the heads that are kept', () => {
  const estimate = estimateOf({ ...LLAMA_CPP, model: model() }, AS_STORED);
  expect(estimate).toMatchObject({ on: 'host', gpus: 0, omitted: [] });
  expect(bytesOf(estimate)).toEqual({
    weights: 4 * PARAMETERS,
    // 3 sequences × 120 tokens × 2 layers × (16 keys + 16 values) × 2 bytes
    'KV cache': 3 * 120 * 2 * 32 * 2,
    logits: 3 * 100 * 4,
    overhead: 100 * MIB,
  });
});

test.each([
  ['f16', 'f16', 64],
  ['f32', 'f32', 128],
  ['q8_0', 'f16', 17 + 32],
  ['q8_0', 'q8_0', 34],
  ['q4_0', 'q4_0', 18],
])('keys in %s and values in %s', (key, value, bytes) => {
  const change = { ...LLAMA_CPP, model: model(), kv_cache_key: key, kv_cache_value: value };
  expect(bytesOf(estimateOf(change, AS_STORED))['KV cache']).toBe(3 * 120 * 2 * bytes);
});

test('room for more tokens than are used is taken all the same', () => {
  const change = { ...LLAMA_CPP, model: model(), context_size: 4096 };
  expect(bytesOf(estimateOf(change, AS_STORED))['KV cache']).toBe(3 * 4096 * 2 * 32 * 2);
});

test('a sliding window bounds what is kept', () => {
  const change = { ...LLAMA_CPP, model: model({ 'llama.attention.sliding_window': 50 }) };
  expect(bytesOf(estimateOf(change, AS_STORED))['KV cache']).toBe(3 * 50 * 2 * 32 * 2);
});

test('layers with a window keep keys and values of their own length, and shared ones nothing', () => {
  const change = {
    'llama.attention.head_count_kv': [2, 1],
    'llama.attention.key_length': 32,
    'llama.attention.value_length': 32,
    'llama.attention.key_length_swa': 16,
    'llama.attention.value_length_swa': 8,
    'llama.attention.sliding_window': 50,
    'llama.attention.sliding_window_pattern': [true, false],
  };
  const cacheOf = (more: Record<string, GgufValue>) =>
    bytesOf(estimateOf({ ...LLAMA_CPP, model: model({ ...change, ...more }) }, AS_STORED))['KV cache'];
  expect(cacheOf({})).toBe(3 * (50 * 2 * (16 + 8) + 120 * (32 + 32)) * 2);
  expect(cacheOf({ 'llama.attention.shared_kv_layers': 1 })).toBe(3 * 50 * 2 * (16 + 8) * 2);
});

test('of workloads that share a load the largest counts', () => {
  const workloads = [{ batch_size: 8 }, { prompt_tokens: 2000 }, {}];
  const { 'KV cache': cache, logits } = bytesOf(estimateOf({ ...LLAMA_CPP, model: model(), workloads }, AS_STORED));
  expect(cache).toBe(3 * 2020 * 2 * 32 * 2);
  expect(logits).toBe(3 * 100 * 4);
});

test.each([
  ['float32', null, PARAMETERS * 4],
  ['bfloat16', null, PARAMETERS * 2],
  ['bfloat16', 'bnb-int8', 6400 * 2 + 8192],
  ['float32', 'bnb-nf4', 6400 * 4 + 8192 / 2],
  ['float32', 'torchao-int8-dynamic', 6400 * 4 + 8192],
])('weights in %s, quantised with %s', (compute_dtype, quantisation, bytes) => {
  const estimate = estimateOf({ ...TRANSFORMERS, model: model(), compute_dtype, quantisation }, EXPANDED);
  expect(bytesOf(estimate)['weights']).toBe(bytes);
});

test('keys and values are kept in the compute type, or in 8-bit floats', () => {
  const change = { ...TRANSFORMERS, model: model() };
  expect(bytesOf(estimateOf(change, EXPANDED))['KV cache']).toBe(3 * 120 * 2 * 32 * 4);
  expect(bytesOf(estimateOf({ ...change, cache: 'quantized-fp8' }, EXPANDED))['KV cache']).toBe(3 * 120 * 2 * 32);
});

test('a cache that an engine sets aside counts whole, also when it does so by default', () => {
  const change = { model: model(), compute_dtype: 'bfloat16', kv_cache_memory_bytes: null };
  const rule = { ...EXPANDED, defaults: { cpu: { kv_cache_memory_bytes: 4 * GIB } } };
  expect(bytesOf(estimateOf(change, rule))['KV cache']).toBe(4 * GIB);
  expect(bytesOf(estimateOf({ ...change, kv_cache_memory_bytes: GIB }, rule))['KV cache']).toBe(GIB);
  expect(bytesOf(estimateOf(change, EXPANDED))['KV cache']).toBe(3 * 120 * 2 * 32 * 2);
});

test('the shape of a synthetic model is enough', () => {
  // Embeddings; in each layer attention, gated feed-forward and two norms; the last norm.
  const parameters = 6400 + 2 * (2 * 64 * (64 + 16) + 3 * 64 * 128 + 128) + 64;
  const estimate = estimateOf({ ...TRANSFORMERS, model: SYNTHETIC }, EXPANDED);
  expect(bytesOf(estimate)).toMatchObject({ weights: 4 * parameters, 'KV cache': 3 * 120 * 2 * 32 * 4 });
});

test('a cache that lies on the host takes nothing of the GPU', () => {
  const change = { ...TRANSFORMERS, model: model(), cache: 'offloaded' };
  expect(estimateOf({ ...change, device: 'cuda' }, EXPANDED).omitted).toEqual([
    { name: 'KV cache', reason: expect.stringContaining('memory of the host') },
  ]);
  expect(bytesOf(estimateOf(change, EXPANDED))['KV cache']).toBe(3 * 120 * 2 * 32 * 4);
});

test('an unknown cache is left out, and told', () => {
  const estimate = estimateOf({ ...LLAMA_CPP, model: model({ 'llama.attention.kv_lora_rank': 8 }) }, AS_STORED);
  expect(estimate.terms.map(({ name }) => name)).toEqual(['weights', 'logits', 'overhead']);
  expect(estimate.omitted).toEqual([{ name: 'KV cache', reason: expect.stringContaining('latent') }]);
});

test('on a GPU', () => {
  const change = { ...LLAMA_CPP, model: model(), device: 'auto' };
  expect(estimateOf(change, AS_STORED)).toMatchObject({ on: 'gpu', gpus: 1 });
  expect(bytesOf(estimateOf(change, AS_STORED))['overhead']).toBe(300 * MIB);
  expect(estimateOf(change, AS_STORED, [])).toMatchObject({ on: 'host' });
  expect(estimateOf({ ...change, gpu_layers: 0 }, AS_STORED)).toMatchObject({ on: 'host' });
});

test('an engine that takes a part of every GPU needs that part, and makes do with it', () => {
  const change = { model: model(), device: 'cuda', compute_dtype: 'bfloat16', batch_size: 1000 };
  const rule = { ...EXPANDED, defaults: { cuda: { gpu_memory_utilization: 0.9 } } };
  const estimate = estimateOf({ ...change, tensor_parallel_size: 2 }, rule, [GPU, { ...GPU, index: 1 }]);
  expect(estimate).toMatchObject({ on: 'gpu', gpus: 2 });
  expect(totalOf(estimate)).toBeCloseTo(2 * 0.9 * 80 * GIB, 0);
  // A sequence at a time.
  expect(bytesOf(estimate)['KV cache']).toBe(120 * 2 * 32 * 2);
  expect(totalOf(estimateOf({ ...change, gpu_memory_utilization: 0.5 }, rule))).toBeCloseTo(0.5 * 80 * GIB, 0);
});

const UNKNOWN: [string, JsonObject, string, (typeof GPU)[]][] = [
  ['a device of another make', { device: 'metal' }, 'metal', [GPU]],
  ['a GPU that nothing is known of', { device: 'cuda' }, 'nvidia-smi', []],
  ['a cache in the memory of the host', { device: 'cpu', gpu_memory_utilization: 0.5 }, 'memory of the host', []],
  ['weights on both sides', { device: 'cuda', cpu_offload_gb: 4 }, 'divided between host and GPU', [GPU]],
  ['weights packed by the engine', { quantization: 'fp8' }, '"fp8"', []],
  ['layers on both sides', { device: 'cuda', gpu_layers: 12 }, 'divided between host and GPU', [GPU]],
  ['a model that is not there', { model: '/nonexistent/model.gguf' }, 'is not there', []],
  ['a model that is none', { model: import.meta.filename }, 'no GGUF file', []],
  ['an incomplete shape', { model: { synthetic: { layers: 2 } } }, 'misses a size', []],
  ['settings of another form', { batch_size: 'many' }, 'batch_size', []],
];

test.each(UNKNOWN)('%s: there is no estimate', (_, change, reason, gpus) => {
  expect(reasonOf({ ...LLAMA_CPP, model: model(), ...change }, AS_STORED, gpus)).toEqual({
    value: null,
    reason: expect.stringContaining(reason),
  });
});

test('an unknown quantisation: there is no estimate', () => {
  const change = { ...TRANSFORMERS, model: model(), quantisation: 'constructor' };
  expect(reasonOf(change, EXPANDED)).toEqual({ value: null, reason: expect.stringContaining('constructor') });
});

test('an estimate and what is there, in words', () => {
  const estimate: MemoryEstimate = {
    on: 'host',
    gpus: 0,
    terms: [
      { name: 'weights', bytes: 8.1 * GIB },
      { name: 'KV cache', bytes: 3.2 * GIB },
      { name: 'logits', bytes: 0.1 * GIB },
      { name: 'overhead', bytes: 0.9 * GIB },
    ],
    omitted: [],
  };
  expect(tooLarge(estimate, { bytes: 7.9 * GIB, bound: 'control group limit' }, false)).toBe(
    'needs 12.3 GiB of memory (weights 8.1, KV cache 3.2, logits 0.1, overhead 0.9), and 7.9 GiB are available (control group limit). To start it all the same, set NX_STUDY_IGNORE_MEMORY=1',
  );
});
