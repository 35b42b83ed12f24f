import { expect, test } from 'vitest';
import type { JsonObject } from '../../../../plugins/nx-study/src/base/json.ts';
import { absent, isAbsent } from '../../../../plugins/nx-study/src/base/known.ts';
import { NOT_JUDGED } from '../../../../plugins/nx-study/src/kinds/kind.ts';
import type { Circumstances, Peak } from '../../../../plugins/nx-study/src/kinds/kind.ts';
import { textConfigSchema } from '../../../../plugins/nx-study/src/kinds/llm-inference/model/checkpoint-config.ts';
import { workOfCheckpoint } from '../../../../plugins/nx-study/src/kinds/llm-inference/model/checkpoint-work.ts';
import { describeModel, modelNoteSchema } from '../../../../plugins/nx-study/src/kinds/llm-inference/model-note.ts';
import type { ModelNote } from '../../../../plugins/nx-study/src/kinds/llm-inference/model-note.ts';
import {
  bytesPerDecodedToken,
  flopPerDecodedToken,
  flopPerPromptToken,
  flopPerToken,
} from '../../../../plugins/nx-study/src/kinds/llm-inference/work.ts';
import { callsOf, evidenceOf, kind, metricIn, payloadOf, valueIn } from './payload.ts';

interface Decoder {
  hidden: number;
  inner: number;
  layers: number;
  heads: number;
  keyValueHeads: number;
  vocabulary: number;
  isTied?: boolean;
  hasBiases?: boolean;
  experts?: number;
}

/** The tensors of a decoder as transformers names them, by their number of weights. */
function tensorsOf(shape: Decoder): Map<string, number> {
  const { hidden, inner, layers, heads, keyValueHeads, vocabulary, isTied = false, hasBiases = false, experts } = shape;
  const kept = (keyValueHeads * hidden) / heads;
  const sizes = new Map([
    ['model.embed_tokens.weight', vocabulary * hidden],
    ['model.norm.weight', hidden],
  ]);
  if (!isTied) sizes.set('lm_head.weight', vocabulary * hidden);
  for (let layer = 0; layer < layers; layer += 1) {
    const add = (name: string, size: number) => sizes.set(`model.layers.${layer}.${name}`, size);
    for (const name of ['q', 'o']) add(`self_attn.${name}_proj.weight`, hidden * hidden);
    for (const name of ['k', 'v']) add(`self_attn.${name}_proj.weight`, hidden * kept);
    if (hasBiases) add('self_attn.qkv_proj.bias', hidden + 2 * kept);
    for (const name of ['input', 'post_attention']) add(`${name}_layernorm.weight`, hidden);
    if (experts !== undefined) add('block_sparse_moe.gate.weight', experts * hidden);
    for (let expert = 0; expert < (experts ?? 1); expert += 1)
      for (const name of ['w1', 'w2', 'w3'])
        add(
          experts === undefined ? `mlp.${name}.weight` : `block_sparse_moe.experts.${expert}.${name}.weight`,
          hidden * inner,
        );
  }
  return sizes;
}

const configOf = (shape: Decoder, more: object = {}) =>
  textConfigSchema.parse({
    model_type: 'llama',
    vocab_size: shape.vocabulary,
    hidden_size: shape.hidden,
    num_hidden_layers: shape.layers,
    num_attention_heads: shape.heads,
    num_key_value_heads: shape.keyValueHeads,
    ...more,
  });

const LLAMA_8B = { hidden: 4096, inner: 14_336, layers: 32, heads: 32, keyValueHeads: 8, vocabulary: 128_256 };
const QWEN_HALF_B = {
  hidden: 896,
  inner: 4864,
  layers: 24,
  heads: 14,
  keyValueHeads: 2,
  vocabulary: 151_936,
  isTied: true,
  hasBiases: true,
};
const SMOLLM_135M = {
  hidden: 576,
  inner: 1536,
  layers: 30,
  heads: 9,
  keyValueHeads: 3,
  vocabulary: 49_152,
  isTied: true,
};
const MIXTRAL = {
  hidden: 4096,
  inner: 14_336,
  layers: 32,
  heads: 32,
  keyValueHeads: 8,
  vocabulary: 32_000,
  experts: 8,
};
const OF_MIXTRAL = { model_type: 'mixtral', num_local_experts: 8, num_experts_per_tok: 2 };

const totalOf = (shape: Decoder) => [...tensorsOf(shape).values()].reduce((sum, size) => sum + size, 0);

test.each([
  ['Llama 3.1 8B', LLAMA_8B, {}, 8_030_261_248, 6_979_588_096, 525_336_576, 8192],
  ['Qwen2.5 0.5B, one table', QWEN_HALF_B, { model_type: 'qwen2' }, 494_032_768, 357_898_112, 136_134_656, 1792],
  ['SmolLM2 135M, one table', SMOLLM_135M, {}, 134_515_008, 106_203_456, 28_311_552, 1152],
  // 12.9 billion of 46.7 are active, as its authors say: 3/4 of 45,097,156,608 weights of experts are idle.
  ['Mixtral 8x7B', MIXTRAL, OF_MIXTRAL, 46_702_792_704, 12_617_781_248, 131_072_000, 8192],
])('%s: weights that a token passes', (_name, shape, more, total, weights, output, attended) => {
  expect(totalOf(shape)).toBe(total);
  const work = workOfCheckpoint(configOf(shape, more), tensorsOf(shape));
  expect(work).toMatchObject({ weights, output_weights: output });
  if (isAbsent(work)) throw new Error(work.reason);
  expect(work.attention).toEqual(Array.from({ length: shape.layers }, () => ({ attended, window: null })));
});

test.each([
  ['which layers slide', { sliding_window: 4096, model_type: 'gemma2' }, 'which layers look at a window'],
  ['recurrent layers', { layer_types: Array.from({ length: 32 }, () => 'linear_attention') }, 'keep a state'],
  ['predicting layers', { num_nextn_predict_layers: 1 }, 'reuse or predict'],
  ['latent attention', { kv_lora_rank: 512 }, 'latent attention'],
  ['experts without tensors', { num_local_experts: 8, num_experts_per_tok: 2 }, 'how many experts'],
])('not known, with the reason: %s', (_name, more, reason) => {
  expect(workOfCheckpoint(configOf(LLAMA_8B, more), tensorsOf(LLAMA_8B))).toEqual(
    absent(expect.stringContaining(reason) as string),
  );
});

/** Llama 3.1 8B in bfloat16 on one GPU. */
const NOTE: ModelNote = {
  device: 'cuda',
  gpus: 1,
  weights: 6_979_588_096,
  output_weights: 525_336_576,
  is_mixture: false,
  // Keys and values of 8 heads of 128, in 2 bytes each.
  layers: [{ count: 32, attended: 8192, window: null, kept_bytes: 4096 }],
  read_bytes: 2 * 7_504_924_672,
};

test('FLOP of a token: 2 for each weight, and 4 × hidden size × layers for each token of the context', () => {
  expect(flopPerToken(NOTE, 1000, true)).toBe(2 * 7_504_924_672 + 4 * 4096 * 32 * 1000);
  expect(flopPerToken(NOTE, 1000, false)).toBe(2 * 6_979_588_096 + 4 * 4096 * 32 * 1000);
  // A prompt of 3: contexts 1, 2, 3; one output.
  const prompt = (3 * 2 * 6_979_588_096 + 2 * 525_336_576 + 4 * 4096 * 32 * 6) / 3;
  expect(flopPerPromptToken(NOTE, { batch_size: 1, prompt_tokens: 3, new_tokens: 1 })).toBeCloseTo(prompt, 0);
  // The first new token comes from the prompt, and the last is read by nobody: contexts 101, 102, 103.
  const decode = flopPerDecodedToken(NOTE, { batch_size: 8, prompt_tokens: 100, new_tokens: 4 });
  expect(decode).toBe(2 * 7_504_924_672 + 4 * 4096 * 32 * 102);
  expect(flopPerDecodedToken(NOTE, { batch_size: 8, prompt_tokens: 100, new_tokens: 1 })).toBeNull();
});

test('layers with a window see no more than that', () => {
  const layers = [
    { count: 2, attended: 100, window: 50, kept_bytes: 10 },
    { count: 1, attended: 100, window: null, kept_bytes: 10 },
  ];
  const note = { ...NOTE, weights: 0, output_weights: 0, layers, read_bytes: 0 };
  expect(flopPerToken(note, 80, true)).toBe(2 * (2 * 100 * 50 + 100 * 80));
  expect(bytesPerDecodedToken(note, { batch_size: 1, prompt_tokens: 79, new_tokens: 2 })).toBe(2 * 10 * 50 + 10 * 80);
});

test('bytes of a decoded token: weights shared by the batch, and its own keys and values', () => {
  const shape = { batch_size: 4, prompt_tokens: 1023, new_tokens: 2 };
  expect(bytesPerDecodedToken(NOTE, shape)).toBe((2 * 7_504_924_672) / 4 + 32 * 4096 * 1024);
  const mixture = { ...NOTE, is_mixture: true };
  expect(bytesPerDecodedToken(mixture, { ...shape, batch_size: 1 })).toBe(2 * 7_504_924_672 + 32 * 4096 * 1024);
  expect(bytesPerDecodedToken(mixture, shape)).toMatchObject({
    reason: expect.stringContaining('depends on its tokens'),
  });
});

const synthetic = {
  layers: 2,
  hidden_size: 64,
  intermediate_size: 128,
  heads: 4,
  kv_heads: 2,
  vocabulary: 100,
  tie_embeddings: false,
};
const settings = { model: { synthetic }, batch_size: 1, prompt_tokens: 10, new_tokens: 2, compute_dtype: 'bfloat16' };
const rule = { weights: 'computed' as const, overheadMib: {}, defaults: {} };
const noteOf = (change: object) =>
  describeModel({ configuration: { ...settings, ...change }, rule: rule as never, gpus: [], size: null });

test('the note of a model: layers that are alike together, and what a step of decoding reads', () => {
  const note = modelNoteSchema.parse(noteOf({}));
  const perLayer = 2 * 64 * 64 + 2 * 64 * 32 + 3 * 64 * 128 + 2 * 64;
  expect(note).toEqual({
    device: 'cpu',
    gpus: 0,
    weights: 2 * perLayer + 64,
    output_weights: 6400,
    is_mixture: false,
    layers: [{ count: 2, attended: 128, window: null, kept_bytes: 2 * (32 + 32) }],
    read_bytes: 2 * (2 * perLayer + 64 + 6400),
  });
  expect(noteOf({ quantisation: 'bnb-nf4' })).toMatchObject({
    read_bytes: { reason: expect.stringContaining('bnb-nf4') },
  });
  expect(noteOf({ model: '/nowhere' })).toMatchObject({ value: null, reason: expect.stringContaining('/nowhere') });
  expect(describeModel({ configuration: settings, rule: null, gpus: [], size: null })).toBeNull();
});

interface Setting {
  note?: object | null;
  gpus?: JsonObject;
  effective?: object;
  peak?: Peak | null;
  /** Of the payload. */
  changes?: object;
}
const gpu = (model: string, mig = false) => ({ model, mig: { value: mig, reason: null } });

/** Two new tokens of one sequence, the second of which takes 10 ms; a prompt of 10 in 1 ms. */
function measured({
  note = NOTE,
  gpus,
  effective = { compute_dtype: 'bfloat16' },
  peak = null,
  changes = {},
}: Setting = {}) {
  const workload = { ...callsOf([0.02, 0.02]), prefill: [{ start_s: 1, elapsed_s: 0.001, prompt_tokens: [10] }] };
  const content = payloadOf([workload], { settings: { asked: {}, effective }, ...changes });
  const machine: JsonObject = { gpus: gpus ?? { value: [gpu('NVIDIA H200'), gpu('NVIDIA H200')], reason: null } };
  const record: Circumstances = { model: note === null ? null : { value: note as never, reason: null }, machine };
  return kind.workloads({ ...evidenceOf(content), record }, { ...NOT_JUDGED, peak })[0]!;
}

test('the share of the peak of a known GPU', () => {
  const part = measured();
  expect(valueIn(part, 'decode_tok_s')).toBeCloseTo(100, 6);
  const decode = 2 * 7_504_924_672 + 4 * 4096 * 32 * 11;
  expect(valueIn(part, 'decode_flop_per_s')).toBeCloseTo(100 * decode, -3);
  expect(valueIn(part, 'decode_mfu_percent')).toBeCloseTo((100 * 100 * decode) / 989.4e12, 9);
  const prompt = 2 * 6_979_588_096 + (2 * 525_336_576 + 4 * 4096 * 32 * 55) / 10;
  expect(valueIn(part, 'prefill_mfu_percent')).toBeCloseTo((100 * 10_000 * prompt) / 989.4e12, 6);
  const bytes = 2 * 7_504_924_672 + 32 * 4096 * 11;
  expect(valueIn(part, 'decode_mbu_percent')).toBeCloseTo((100 * 100 * bytes) / 4.8e12, 6);
});

test('several GPUs together can do as much more; a declared peak comes first, also on a processor', () => {
  const two = measured({ note: { ...NOTE, gpus: 2 } });
  expect(valueIn(two, 'decode_mbu_percent')).toBeCloseTo(valueIn(measured(), 'decode_mbu_percent')! / 2, 9);
  const peak = { tflop_per_s: { bfloat16: 98.94 }, memory_gb_per_s: 480 };
  const declared = measured({ peak, note: { ...NOTE, device: 'cpu', gpus: 0 } });
  expect(valueIn(declared, 'decode_mfu_percent')).toBeCloseTo(10 * valueIn(measured(), 'decode_mfu_percent')!, 9);
  expect(valueIn(declared, 'decode_mbu_percent')).toBeCloseTo(10 * valueIn(measured(), 'decode_mbu_percent')!, 9);
});

const ON_CPU = { ...NOTE, device: 'cpu', gpus: 0 };
const PEAK: Peak = { tflop_per_s: { float32: 1 }, memory_gb_per_s: null };
const SAFETENSORS = { model: { ...(payloadOf() as { model: object }).model, format: 'safetensors' } };

test.each<[string, Setting, string]>([
  ['an unknown GPU', { gpus: { value: [gpu('NVIDIA X1')], reason: null } }, 'NVIDIA X1 in bfloat16'],
  ['a processor', { note: ON_CPU }, 'give `report.peak`'],
  ['a divided GPU', { gpus: { value: [gpu('NVIDIA H200', true)], reason: null } }, 'divided'],
  ['different GPUs', { gpus: { value: [gpu('NVIDIA H200'), gpu('NVIDIA L4')], reason: null } }, 'different GPUs'],
  ['GPUs that are not known', { gpus: { value: null, reason: 'no nvidia-smi' } }, 'no nvidia-smi'],
  ['a type that T4 has not', { gpus: { value: [gpu('Tesla T4')], reason: null } }, 'Tesla T4 in bfloat16'],
  ['several compute types', { effective: { compute_dtype: 'bfloat16', quantisation: 'bnb-int8' } }, 'several types'],
  ['an unknown compute type', { effective: {}, changes: SAFETENSORS }, 'in which type it computed'],
  ['types of a file in GGUF', { effective: {} }, 'suits each of theirs (q4_1), and quantised ones'],
  ['a processor, whatever the types', { effective: {}, note: ON_CPU }, 'no peak of this processor is known: give'],
  [
    'types of a file on a processor',
    { effective: {}, note: ON_CPU, peak: PEAK },
    'the peak of a single type says nothing',
  ],
  ['an earlier record', { note: null }, 'no note of the model'],
])('no share of a peak, with the reason: %s', (_name, setting, reason) => {
  expect(metricIn(measured(setting), 'decode_mfu_percent')).toMatchObject({
    value: null,
    reason: expect.stringContaining(reason),
  });
});

test('the work and its rate are known without a peak', () => {
  const part = measured({ gpus: { value: [gpu('NVIDIA X1')], reason: null } });
  expect(valueIn(part, 'decode_flop_per_s')).toBeGreaterThan(1e12);
  expect(metricIn(part, 'decode_mbu_percent')).toMatchObject({
    value: null,
    reason: expect.stringContaining('memory of NVIDIA X1'),
  });
});
