import { renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gguf, ggufAllShards } from '@huggingface/gguf';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ModelError } from '../../../../plugins/nx-study/src/kinds/llm-inference/model/error.ts';
import { readModelFacts } from '../../../../plugins/nx-study/src/kinds/llm-inference/model/facts.ts';
import { ggufFacts } from '../../../../plugins/nx-study/src/kinds/llm-inference/model/gguf.ts';
import { ggufFile, ggufParts, llama, partName, text, u32, u64 } from '../../../helpers/gguf.ts';
import type { GgufContent, GgufValue } from '../../../helpers/gguf.ts';
import { temporaryFolder } from '../../machine/helpers.ts';

function fileOf(content: Buffer, name = 'model.gguf'): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, content);
  return path;
}
const factsOf = (content: GgufContent) => readModelFacts(fileOf(ggufFile(content)));
const cacheOf = (change: Record<string, GgufValue>) => factsOf(llama(change)).cache;

test('a llama with grouped heads', () => {
  const weights = 64 * 100 + 64 * 128;
  expect(factsOf(llama())).toEqual({
    parameters: weights,
    stored_bytes: 4 * weights,
    vocabulary: 100,
    embedding_length: 64,
    cache: [
      { key: 16, value: 16, window: null },
      { key: 16, value: 16, window: null },
    ],
    work: {
      weights: 64 * 128,
      output_weights: 64 * 100,
      table_weights: 0,
      table_bytes: 0,
      isMixture: false,
      // All 8 query heads, each with a key and a value of 8.
      attention: [
        { attended: 128, window: null },
        { attended: 128, window: null },
      ],
    },
  });
});

test('without a number of key-value heads every head has its own', () => {
  const content = llama();
  delete content.metadata['llama.attention.head_count_kv'];
  expect(factsOf(content).cache).toEqual(Array.from({ length: 2 }, () => ({ key: 64, value: 64, window: null })));
});

test('keys and values of a length of their own', () => {
  const lengths = { 'llama.attention.key_length': 24, 'llama.attention.value_length': 16 };
  expect(cacheOf(lengths)).toEqual(Array.from({ length: 2 }, () => ({ key: 48, value: 32, window: null })));
});

test('layers with heads of their own, and layers that keep nothing', () => {
  expect(cacheOf({ 'llama.attention.head_count_kv': [0, 4] })).toEqual([{ key: 32, value: 32, window: null }]);
});

test('a sliding window holds for the layers that the file names, else for all', () => {
  const window = { 'llama.attention.sliding_window': 512 };
  expect(cacheOf(window)).toEqual(Array.from({ length: 2 }, () => ({ key: 16, value: 16, window: 512 })));
  expect(cacheOf({ ...window, 'llama.attention.sliding_window_pattern': [true, false] })).toEqual([
    { key: 16, value: 16, window: 512 },
    { key: 16, value: 16, window: null },
  ]);
});

test.each([
  ['latent attention', { 'llama.attention.kv_lora_rank': 512 }, 'latent attention'],
  ['state-space layers among others', { 'llama.ssm.state_size': 16 }, 'which layers are attention layers'],
  ['lists that miss a layer', { 'llama.attention.head_count_kv': [1, 1, 1] }, 'shape of the attention layers'],
  ['a length that is no number', { 'llama.embedding_length': Number.NaN }, 'shape of the attention layers'],
  ['heads that are no numbers', { 'llama.attention.head_count_kv': [0.5, Infinity] }, 'shape of the attention layers'],
  ['less than no heads', { 'llama.attention.head_count_kv': [-1, -1] }, 'shape of the attention layers'],
  ['an absurd number of layers', { 'llama.block_count': 2 ** 31 }, 'shape of the attention layers'],
])('%s: the cache is not known', (_, change, reason) => {
  expect(cacheOf(change)).toEqual({ value: null, reason: expect.stringContaining(reason) });
});

/** The metadata of another architecture, with the same keys as the llama's where nothing else is given. */
const of = (architecture: string, own: Record<string, GgufValue>, without: string[] = []): GgufContent => {
  const { metadata, tensors } = llama();
  const keys = Object.entries(metadata).filter(([key]) => !without.includes(key));
  const renamed = keys.map(([key, value]) => [key.replace(/^llama\./, `${architecture}.`), value] as const);
  const given = Object.entries(own).map(([key, value]) => [`${architecture}.${key}`, value] as const);
  return {
    metadata: { ...Object.fromEntries([...renamed, ...given]), 'general.architecture': architecture },
    tensors: tensors!,
  };
};
const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);
/** Four layers with a window, then one that sees everything, and so on. */
const FOUR_TO_ONE = (layers: number) => Array.from({ length: layers }, (_, layer) => layer % 5 !== 4);

test('Gemma 3n: layers from the 21st on reuse what earlier ones keep', () => {
  const e2b = {
    block_count: 30,
    embedding_length: 2048,
    'attention.head_count': 8,
    'attention.head_count_kv': 2,
    'attention.key_length': 256,
    'attention.value_length': 256,
    'attention.sliding_window': 512,
    'attention.sliding_window_pattern': FOUR_TO_ONE(30),
  };
  const window = { key: 512, value: 512, window: 512 };
  const full = { key: 512, value: 512, window: null };
  const kept = times(4, [...times(4, window), full]).flat();
  expect(factsOf(of('gemma3n', { ...e2b, 'attention.shared_kv_layers': 10 })).cache).toEqual(kept);
  expect(factsOf(of('gemma3n', e2b)).cache).toEqual(kept);
  const e4b = { ...e2b, block_count: 35, 'attention.sliding_window_pattern': FOUR_TO_ONE(35) };
  expect(factsOf(of('gemma3n', { ...e4b, 'attention.shared_kv_layers': 15 })).cache).toEqual(kept);
});

const GEMMA4 = {
  block_count: 10,
  embedding_length: 2560,
  'attention.head_count': 8,
  'attention.head_count_kv': [4, 4, 4, 4, 1, 4, 4, 4, 4, 1],
  'attention.key_length': 512,
  'attention.value_length': 512,
  'attention.key_length_swa': 256,
  'attention.value_length_swa': 128,
  'attention.sliding_window': 1024,
  'attention.sliding_window_pattern': FOUR_TO_ONE(10),
  'attention.shared_kv_layers': 3,
};

test('Gemma 4: layers with a window have lengths and heads of their own, and the last ones keep nothing', () => {
  const window = { key: 1024, value: 512, window: 1024 };
  const full = { key: 512, value: 512, window: null };
  expect(factsOf(of('gemma4', GEMMA4)).cache).toEqual([...times(4, window), full, window, window]);
  const { 'attention.sliding_window_pattern': _, ...untold } = GEMMA4;
  // Which layers have a window isn't told: the least that it may be.
  const least = { key: 1024, value: 512, window: 1024 };
  expect(factsOf(of('gemma4', untold)).cache).toEqual([
    ...times(4, least),
    { key: 256, value: 128, window: 1024 },
    least,
    least,
  ]);
  expect(factsOf(of('gemma4', { ...untold, 'attention.sliding_window_pattern': 5 })).cache).toHaveLength(7);
  expect(factsOf(of('gemma4', { ...GEMMA4, 'attention.shared_kv_layers': 11 })).cache).toEqual({
    value: null,
    reason: expect.stringContaining('shape of the attention layers'),
  });
});

const ONE = { key: 16, value: 16, window: null };

test('layers that predict further tokens keep nothing', () => {
  expect(factsOf(of('glm4moe', { block_count: 5, nextn_predict_layers: 1 })).cache).toEqual(times(4, ONE));
});

test('of recurrent models the attention layers count, where they are known', () => {
  const mixed = { block_count: 8, 'ssm.state_size': 16 };
  expect(factsOf(of('qwen3next', mixed)).cache).toEqual(times(2, ONE));
  expect(factsOf(of('qwen3next', { ...mixed, full_attention_interval: 2 })).cache).toEqual(times(4, ONE));
  const recurrent = [true, true, true, false, true, true, true, true];
  expect(factsOf(of('other', { ...mixed, 'attention.recurrent_layers': recurrent })).cache).toEqual([ONE]);
  expect(factsOf(of('jamba', { ...mixed, 'attention.head_count_kv': [0, 0, 2, 0, 0, 0, 0, 0] })).cache).toEqual([ONE]);
  expect(factsOf(of('falcon-h1', mixed)).cache).toEqual({
    value: null,
    reason: expect.stringContaining('attention layers'),
  });
  for (const content of [
    of('rwkv7', { 'wkv.head_size': 64 }),
    of('mamba', { 'ssm.state_size': 16, 'attention.head_count': 0, 'attention.head_count_kv': 0 }),
    of('lfm2', { 'attention.head_count_kv': [0, 0] }),
  ])
    expect(factsOf(content).cache).toEqual({ value: null, reason: expect.any(String) });
});

test.each([
  ['an encoder and a decoder', of('t5', { decoder_block_count: 2 }), 'encoder and decoder'],
  ['an encoder', of('bert', { 'attention.causal': false }), 'an encoder'],
])('%s: the cache is not known', (_, content, reason) => {
  expect(factsOf(content).cache).toEqual({ value: null, reason: expect.stringContaining(reason) });
});

test('windows that stand by layer, or that the engine has for an architecture', () => {
  expect(factsOf(of('exotic', { 'attention.sliding_window': [0, 128] })).cache).toEqual([ONE, { ...ONE, window: 128 }]);
  expect(factsOf(of('llama4', {})).cache).toEqual(times(2, { ...ONE, window: 8192 }));
  expect(factsOf(of('gemma2', { 'attention.sliding_window_pattern': [true, false] })).cache).toEqual([
    { ...ONE, window: 4096 },
    ONE,
  ]);
});

test('the length of a head, where heads stand by layer, and where it divides with a rest', () => {
  const heads = { 'attention.head_count': [4, 8], 'attention.head_count_kv': [1, 2] };
  expect(factsOf(of('openelm', heads)).cache).toEqual([ONE, { key: 32, value: 32, window: null }]);
  expect(factsOf(of('openelm', { ...heads, embedding_length: 67 })).cache).toEqual([
    ONE,
    { key: 32, value: 32, window: null },
  ]);
});

test('texts and long arrays are skipped, whatever they hold', () => {
  const metadata = {
    'tokenizer.chat_template': '{% for message in messages %}'.repeat(10_000),
    'tokenizer.ggml.scores': Array.from({ length: 50_000 }, () => -1),
    'tokenizer.ggml.merges': Array.from({ length: 20_000 }, (_, index) => `a ${index}`),
    ['__proto__']: 'none',
  };
  expect(factsOf(llama(metadata)).cache).toHaveLength(2);
});

test('a model in several files is counted whole', () => {
  const folder = temporaryFolder();
  const [first, second] = ['00001', '00002'].map((part) => join(folder, `large-${part}-of-00002.gguf`));
  writeFileSync(first!, ggufFile(llama()));
  expect(() => readModelFacts(first!)).toThrow('large-00002-of-00002.gguf is not there');
  writeFileSync(
    second!,
    ggufFile({ metadata: { 'general.architecture': 'llama' }, tensors: { 'blk.1.ffn_up.weight': [64, 128] } }),
  );
  const { parameters, cache } = readModelFacts(first!);
  expect(parameters).toBe(64 * 100 + 2 * 64 * 128);
  expect(cache).toHaveLength(2);
});

/** Writes the parts of a model into a new folder, and returns their paths. */
function partsIn(content: GgufContent, counts: number[]): string[] {
  const folder = temporaryFolder();
  return ggufParts(content, counts).map((part, index) => {
    const path = join(folder, partName('large', index, counts.length));
    writeFileSync(path, part);
    return path;
  });
}

test.each([
  ['as it splits', [2, 0]],
  ['without a tensor in the first part', [0, 1, 1]],
  ['with the embedding in the last part', [1, 1]],
])('a model as llama-gguf-split writes it is read whole: %s', (_, counts) => {
  const { tensors, metadata } = llama();
  const reversed = { metadata, tensors: Object.fromEntries(Object.entries(tensors!).toReversed()) };
  const whole = factsOf(llama());
  for (const content of [llama(), reversed])
    for (const path of partsIn(content, counts)) expect(readModelFacts(path)).toEqual(whole);
});

test('parts that are missing, have changed places or belong to another model are named', () => {
  const [first, second, third] = partsIn(llama(), [0, 1, 1]) as [string, string, string];
  const swap = (a: string, b: string) => {
    renameSync(a, `${a}.away`);
    renameSync(b, a);
    renameSync(`${a}.away`, b);
  };
  swap(second, third);
  expect(() => readModelFacts(first)).toThrow(`${second} says that it is part 3, and by its name it is part 2`);
  swap(second, third);
  expect(readModelFacts(first).cache).toHaveLength(2);
  renameSync(first, join(first, '../alone.gguf'));
  expect(() => readModelFacts(join(first, '../alone.gguf'))).toThrow(
    'says that it is one of 3 parts, and by its name it is one of 1',
  );
  expect(() => readModelFacts(third)).toThrow(`${first} is not there`);
  renameSync(join(first, '../alone.gguf'), first);
  writeFileSync(third, ggufParts({ metadata: {} }, [0, 0, 0])[2]!);
  expect(() => readModelFacts(first)).toThrow('says that all parts have 2 tensors, and they have 1');
  rmSync(third);
  expect(() => readModelFacts(first)).toThrow(`${third} is not there`);
});

test('another reader of such files finds the same', async () => {
  const content = of('gemma4', { ...GEMMA4, 'attention.sliding_window_pattern': FOUR_TO_ONE(10) });
  for (const counts of [[2], [0, 2], [1, 0, 1]]) {
    const [path] = counts.length === 1 ? [fileOf(ggufFile(content))] : partsIn(content, counts);
    const local = { allowLocalFile: true };
    const shards =
      counts.length === 1
        ? [await gguf(path!, local)]
        : (await ggufAllShards(path!, { ...local, parallelDownloads: 1 })).shards;
    const tensors = shards.flatMap(({ tensorInfos }) => tensorInfos);
    const product = (shape: bigint[]) => Number(shape.reduce((total, size) => total * size, 1n));
    const metadata = shards[0]!.metadata as unknown as Record<string, unknown>;
    const facts = readModelFacts(path!);
    expect(facts).toMatchObject({
      parameters: tensors.reduce((total, { shape }) => total + product(shape), 0),
      vocabulary: Number(tensors.find(({ name }) => name === 'token_embd.weight')!.shape[1]),
      embedding_length: metadata['gemma4.embedding_length'],
    });
    const own = (key: string) => metadata[`gemma4.attention.${key}`] as never;
    const sliding = own('sliding_window_pattern') as boolean[];
    const heads = own('head_count_kv') as number[];
    const kept = Array.from({ length: 10 - own('shared_kv_layers') }, (_, layer) => ({
      key: heads[layer]! * own(sliding[layer] ? 'key_length_swa' : 'key_length'),
      value: heads[layer]! * own(sliding[layer] ? 'value_length_swa' : 'value_length'),
      window: sliding[layer] ? own('sliding_window') : null,
    }));
    expect(facts.cache).toEqual(kept);
  }
});

test('a folder that holds one model', () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'model.gguf'), ggufFile(llama()));
  expect(readModelFacts(folder).cache).toHaveLength(2);
});

const head = (tensors: number | bigint, keys: number | bigint, version = 3) =>
  Buffer.concat([Buffer.from('GGUF'), u32(version), u64(tensors), u64(keys)]);
const architecture = Buffer.concat([text('general.architecture'), u32(8), text('llama')]);
const nested = (depth: number): Buffer =>
  depth === 0 ? Buffer.concat([u32(4), u64(0)]) : Buffer.concat([u32(9), u64(1), nested(depth - 1)]);

const HOSTILE: [string, Buffer, string][] = [
  ['an empty file', Buffer.alloc(0), 'does not begin with "GGUF"'],
  ['another file', Buffer.from('PK\u0003\u0004'.padEnd(64)), 'does not begin with "GGUF"'],
  ['version 1', head(0, 0, 1), 'version 1'],
  ['the other byte order', head(0, 0, 0x03000000), 'version 50331648'],
  ['nothing but a beginning', head(1, 1).subarray(0, 20), 'does not begin with "GGUF"'],
  ['more tensors than there can be', head(2n ** 63n, 0), 'tensors'],
  ['more keys than there can be', head(0, 2n ** 40n), 'keys'],
  ['keys that are not there', head(0, 1000), 'ends within its header'],
  ['a name longer than the file', Buffer.concat([head(0, 1), u64(60_000)]), 'ends within its header'],
  ['a name without end', Buffer.concat([head(0, 1), u64(2n ** 62n)]), 'has a name of'],
  ['a text without end', Buffer.concat([head(0, 1), text('a'), u32(8), u64(2n ** 62n)]), 'ends within its header'],
  [
    'an array without end',
    Buffer.concat([head(0, 1), text('a'), u32(9), u32(10), u64(2n ** 61n)]),
    'ends within its header',
  ],
  ['arrays in arrays in arrays', Buffer.concat([head(0, 1), text('a'), u32(9), nested(9)]), 'nested too deeply'],
  ['an unknown type', Buffer.concat([head(0, 1), text('a'), u32(77)]), 'unknown type 77'],
  ['no architecture', Buffer.concat([head(0, 0)]), 'no general.architecture'],
  [
    'a tensor of 1,000 dimensions',
    Buffer.concat([head(1, 1), architecture, text('a'), u32(1000)]),
    'claims 1000 dimensions',
  ],
  [
    'weights that are not there',
    Buffer.concat([head(1, 1), architecture, text('a'), u32(2), u64(2 ** 30), u64(2 ** 30), u32(0), u64(0)]),
    'it is incomplete',
  ],
];

test.each(HOSTILE)('refuses %s', (_, content, message) => {
  const path = fileOf(content);
  expect(() => readModelFacts(path)).toThrow(expect.objectContaining({ name: 'ModelError' }));
  expect(() => readModelFacts(path)).toThrow(message);
  expect(() => readModelFacts(path)).toThrow(path);
});

test('a header that ends anywhere is refused', () => {
  const whole = ggufFile(llama());
  const weights = 4 * (64 * 100 + 64 * 128);
  const path = fileOf(whole);
  for (let size = whole.length - weights - 1; size > 24; size -= 7) {
    truncateSync(path, size);
    expect(() => readModelFacts(path)).toThrow('ends within its header');
  }
});

function isReadOrRefused(path: string): boolean {
  try {
    return Number(ggufFacts(path).parameters) >= 0;
  } catch (error) {
    if (error instanceof ModelError) return true;
    throw error;
  }
}

test('a file with any few bytes changed is read or refused, and nothing else', () => {
  const whole = ggufFile(llama({ 'llama.attention.head_count_kv': [2, 4] }));
  const head = whole.length - 4 * (64 * 100 + 64 * 128);
  const path = fileOf(whole);
  const changes = fc.array(fc.tuple(fc.nat(head - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(changes, (bytes) => {
      const changed = Buffer.from(whole);
      for (const [at, byte] of bytes) changed[at] = byte;
      writeFileSync(path, changed);
      return isReadOrRefused(path);
    }),
    { numRuns: 500 },
  );
});

test('a sparse file of a terabyte is not walked through', () => {
  const path = fileOf(Buffer.concat([head(0, 1), text('a'), u32(9), u32(8), u64(2 ** 36)]));
  truncateSync(path, 2 ** 40);
  expect(() => readModelFacts(path)).toThrow('longer than');
});

test('what is missing or no file is an error of the system', () => {
  expect(() => readModelFacts('/nonexistent/model.gguf')).toThrow('ENOENT');
});
