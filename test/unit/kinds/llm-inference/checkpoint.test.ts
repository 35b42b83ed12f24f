import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readModelFacts } from '../../../../plugins/nx-study/src/kinds/llm-inference/model/facts.ts';
import { u64 } from '../../../helpers/gguf.ts';
import { temporaryFolder } from '../../machine/helpers.ts';

type Files = Record<string, string | Buffer>;

function folderOf(files: Files): string {
  const folder = join(temporaryFolder(), 'model');
  mkdirSync(folder);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}
const factsOf = (files: Files) => readModelFacts(folderOf(files));

/** A safetensors file whose weights take 2 bytes each. */
function tensors(shapes: Record<string, number[]>): Buffer {
  const described: Record<string, unknown> = { __metadata__: { format: 'pt' } };
  let bytes = 0;
  for (const [name, shape] of Object.entries(shapes)) {
    const end = bytes + 2 * shape.reduce((product, size) => product * size, 1);
    described[name] = { dtype: 'BF16', shape, data_offsets: [bytes, end] };
    bytes = end;
  }
  const header = Buffer.from(JSON.stringify(described));
  return Buffer.concat([u64(header.length), header, Buffer.alloc(bytes)]);
}

const WEIGHTS = tensors({ 'model.embed_tokens.weight': [100, 64], 'model.norm.weight': [64] });
const CONFIG = {
  model_type: 'llama',
  vocab_size: 100,
  hidden_size: 64,
  num_hidden_layers: 2,
  num_attention_heads: 8,
  num_key_value_heads: 2,
};
const configured = (change: object) =>
  factsOf({ 'config.json': JSON.stringify({ ...CONFIG, ...change }), 'model.safetensors': WEIGHTS });
const layers = (key: number, window: number | null = null) =>
  Array.from({ length: 2 }, () => ({ key, value: key, window }));

test('weights that another file than config.json calls quantised have no known number', () => {
  const files = { 'config.json': JSON.stringify(CONFIG), 'model.safetensors': WEIGHTS, 'hf_quant_config.json': '{}' };
  expect(factsOf(files).parameters).toMatchObject({ reason: expect.stringContaining('pack') });
});

test('one file', () => {
  expect(configured({})).toEqual({
    parameters: 6464,
    stored_bytes: 12_928,
    vocabulary: 100,
    embedding_length: 64,
    cache: layers(16),
    // The table is the output matrix as well; 8 heads look at keys and values of 8.
    work: {
      weights: 64,
      output_weights: 6400,
      table_weights: 0,
      table_bytes: 0,
      isMixture: false,
      attention: Array.from({ length: 2 }, () => ({ attended: 128, window: null })),
    },
  });
});

test('several files with an index', () => {
  const index = { weight_map: { a: 'model-1.safetensors', b: 'model-2.safetensors', c: 'model-2.safetensors' } };
  const { parameters, stored_bytes } = factsOf({
    'config.json': JSON.stringify(CONFIG),
    'model.safetensors.index.json': JSON.stringify(index),
    'model-1.safetensors': tensors({ a: [10, 10] }),
    'model-2.safetensors': tensors({ b: [20, 10], c: [1] }),
  });
  expect({ parameters, stored_bytes }).toEqual({ parameters: 301, stored_bytes: 602 });
});

test('a model that also sees: its language model counts', () => {
  const { cache, vocabulary } = configured({ num_hidden_layers: 40, text_config: { ...CONFIG, vocab_size: 50 } });
  expect({ cache, vocabulary }).toEqual({ cache: layers(16), vocabulary: 50 });
});

test.each([
  ['heads of a length of their own', { head_dim: 32 }, layers(64)],
  ['no grouping', { num_key_value_heads: null }, layers(64)],
  ['a sliding window', { sliding_window: 512 }, layers(16, 512)],
  ['a sliding window that is off', { sliding_window: 512, use_sliding_window: false }, layers(16)],
  [
    'a sliding window in some layers',
    { sliding_window: 512, layer_types: ['sliding_attention', 'full_attention'] },
    [layers(16, 512)[0], layers(16)[0]],
  ],
  ['layers that reuse what earlier ones keep', { num_kv_shared_layers: 1 }, [layers(16)[0]]],
  [
    'other heads in layers that see everything',
    {
      sliding_window: 512,
      layer_types: ['sliding_attention', 'full_attention'],
      global_head_dim: 24,
      num_global_key_value_heads: 1,
    },
    [layers(16, 512)[0], layers(24)[0]],
  ],
  [
    'layers that all reuse others',
    { num_kv_shared_layers: 2 },
    { value: null, reason: expect.stringContaining('attention layers') },
  ],
  ['layers without attention', { layer_types: ['linear_attention', 'full_attention'] }, [layers(16)[0]]],
  ['latent attention', { kv_lora_rank: 512 }, { value: null, reason: expect.stringContaining('latent') }],
  [
    'no attention at all',
    { num_attention_heads: undefined },
    { value: null, reason: expect.stringContaining('attention layers') },
  ],
])('%s', (_, change, cache) => {
  expect(configured(change).cache).toEqual(cache);
});

test('a quantised checkpoint does not tell the number of its weights', () => {
  const { parameters, stored_bytes } = configured({ quantization_config: { quant_method: 'gptq', bits: 4 } });
  expect(parameters).toEqual({ value: null, reason: expect.stringContaining('packs several weights') });
  expect(stored_bytes).toBe(12_928);
});

const config = { 'config.json': JSON.stringify(CONFIG) };
const HOSTILE: [string, Files, string][] = [
  ['no weights', config, 'neither model.safetensors nor'],
  ['a config that is no JSON', { 'config.json': '{', 'model.safetensors': WEIGHTS }, 'config.json can'],
  ['a config that is a list', { 'config.json': '[]', 'model.safetensors': WEIGHTS }, 'config.json can'],
  ['layers without end', { 'config.json': '{"num_hidden_layers": 1e9}', 'model.safetensors': WEIGHTS }, 'num_hidden'],
  [
    'an index that leads elsewhere',
    { ...config, 'model.safetensors.index.json': '{"weight_map": {"a": "../../etc/passwd"}}' },
    'not a file beside it',
  ],
  ['an empty weight file', { ...config, 'model.safetensors': Buffer.alloc(0) }, 'ends within its header'],
  [
    'a weight file that ends early',
    { ...config, 'model.safetensors': WEIGHTS.subarray(0, 60) },
    'ends within its header',
  ],
  [
    'a header without end',
    { ...config, 'model.safetensors': Buffer.concat([u64(2n ** 62n), Buffer.alloc(64)]) },
    'ends within its header',
  ],
  [
    'a header that is no JSON',
    { ...config, 'model.safetensors': Buffer.concat([u64(4), Buffer.alloc(64)]) },
    'no JSON object',
  ],
  [
    'a tensor without a shape',
    { ...config, 'model.safetensors': Buffer.concat([u64(10), Buffer.from('{"a":null}')]) },
    'tensor "a" has no shape',
  ],
  [
    'weights that are not there',
    { ...config, 'model.safetensors': tensors({ a: [1000, 1000] }).subarray(0, 2000) },
    'it is incomplete',
  ],
];

test.each(HOSTILE)('refuses %s', (_, files, message) => {
  const folder = folderOf(files);
  expect(() => readModelFacts(folder)).toThrow(expect.objectContaining({ name: 'ModelError' }));
  expect(() => readModelFacts(folder)).toThrow(message);
});

test('a folder without config.json is an error of the system', () => {
  expect(() => readModelFacts(temporaryFolder())).toThrow('ENOENT');
});
