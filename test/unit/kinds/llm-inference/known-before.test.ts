import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { knownBefore } from '../../../../plugins/nx-study/src/kinds/llm-inference/known-before.ts';
import { shapeAt } from '../../../../plugins/nx-study/src/kinds/llm-inference/model/shape.ts';
import { ggufFile } from '../../../helpers/gguf.ts';
import { temporaryFolder } from '../../machine/helpers.ts';

function headerOf(config: object): string {
  const folder = join(temporaryFolder(), 'model');
  mkdirSync(folder);
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  return folder;
}

test('device, largest workload and ranks', () => {
  const settings = { model: 'm', device: 'auto', batch_size: 2, prompt_tokens: 8, new_tokens: 4 };
  const of = (change: object, gpus: number | null = null) =>
    knownBefore({ configuration: { ...settings, ...change }, gpus, model: null }).work;
  expect(of({})).toEqual({ longest_tokens: 12, longest_prompt: 8, batch_size: 2, ranks: 1 });
  expect(of({ workloads: [{ batch_size: 9 }, { new_tokens: 40 }], tensor_parallel_size: 2 }, 1)).toEqual({
    device: 'cuda',
    longest_tokens: 48,
    longest_prompt: 8,
    batch_size: 9,
    ranks: 2,
  });
  expect(of({ device: 'metal' }, 0)).toMatchObject({ device: 'metal' });
});

test('the shape of a checkpoint: a model without experts or quantisation says so, one with experts leaves their number open', () => {
  const config = { model_type: 'llama', hidden_size: 64, num_attention_heads: 4, max_position_embeddings: 512 };
  const plain = { type: 'llama', hidden_size: 64, heads: 4, kv_heads: 4, head_size: 16, positions: 512 };
  expect(shapeAt(headerOf(config))).toEqual({ ...plain, experts: 0, quantization: null });
  const awq = { ...config, num_experts: 8, quantization_config: { quant_method: 'awq' } };
  expect(shapeAt(headerOf(awq))).toEqual({ ...plain, quantization: 'awq' });
  expect(shapeAt(headerOf({ text_config: { ...config, kv_lora_rank: 8 } }))).not.toHaveProperty('head_size');
});

test('a quantisation that another file, or another key, describes is one', () => {
  const folder = headerOf({});
  expect(shapeAt(folder)['quantization']).toBe(null);
  writeFileSync(join(folder, 'quantize_config.json'), '{}');
  expect(shapeAt(folder)).not.toHaveProperty('quantization');
  const ofText = { text_config: { quantization_config: { quant_method: 'awq' } } };
  expect(shapeAt(headerOf(ofText))['quantization']).toBe('awq');
});

test('stretched positions are not known, but for llama3, whose number is the stretched one', () => {
  const positions = (rope: object) =>
    shapeAt(headerOf({ max_position_embeddings: 512, rope_parameters: rope }))['positions'];
  expect(positions({ rope_type: 'yarn', factor: 4 })).toBe(undefined);
  expect(positions({ rope_type: 'llama3', factor: 8 })).toBe(512);
  expect(positions({ rope_type: 'default' })).toBe(512);
  expect(shapeAt(headerOf({ max_position_embeddings: 512, model_max_length: 1024 }))).not.toHaveProperty('positions');
});

test('the shape of a GGUF file', () => {
  const path = join(temporaryFolder(), 'model.gguf');
  const own = { block_count: 2, embedding_length: 64, 'attention.head_count': 4, context_length: 512 };
  const metadata = Object.fromEntries(Object.entries(own).map(([key, value]) => [`llama.${key}`, value]));
  writeFileSync(path, ggufFile({ metadata: { 'general.architecture': 'llama', ...metadata } }));
  expect(shapeAt(path)).toEqual({ layers: 2, hidden_size: 64, heads: 4, head_size: 16, positions: 512 });
});
