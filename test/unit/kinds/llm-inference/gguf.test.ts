import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ModelError } from '../../../../plugins/nx-study/src/kinds/llm-inference/model/error.ts';
import { readModelFacts } from '../../../../plugins/nx-study/src/kinds/llm-inference/model/facts.ts';
import { ggufFacts } from '../../../../plugins/nx-study/src/kinds/llm-inference/model/gguf.ts';
import { ggufFile, llama, text, u32, u64 } from '../../../helpers/gguf.ts';
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
  expect(cacheOf(change)).toEqual({ reason: expect.stringContaining(reason) });
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
