import { memoryTexts } from '../memory-texts.ts';
import type { GpuMemory } from '../../machine/vram.ts';
import type { MemoryRule } from '../../worker/manifest.ts';
import { absent, isAbsent } from '../../base/known.ts';
import type { Absent } from '../../base/known.ts';
import type { Value } from '../kind.ts';
import { totalOf } from '../memory-estimate.ts';
import type { MemoryEstimate, MemoryTerm } from '../memory-estimate.ts';
import { workloadsOf } from './memory-settings.ts';
import type { MemorySettings } from './memory-settings.ts';
import type { CacheLayer, ModelFacts } from './model/types.ts';

const MIB = 2 ** 20;

export type Device = 'cpu' | 'cuda';

/**
 * The least memory that a measurement takes, in bytes:
 *
 *     weights + KV cache + logits + overhead
 *     weights   parameters × bytes of `compute_dtype` or of the quantised type; as stored: the bytes of all tensors
 *     KV cache  sequences × Σ over layers of min(tokens, window) × (key × bytes of a key + value × bytes of a value)
 *     logits    sequences × vocabulary × 4: one position of each sequence, in single precision
 *     overhead  `overheadMib` of worker.json: resident after the engine has started, before it loads a model
 *
 * `tokens` is `context_size`, or else prompt and new tokens; the workload with the largest cache and logits counts. The
 * terms are the usual ones (KV cache: 2 × layers × KV heads × head length × tokens × bytes, written by layer); which layers
 * keep what is taken from llama.cpp, see `cacheOf`. Tools such as accelerate's `estimate-memory` add 15 to 20 % for
 * activations and buffers. This sum adds nothing that is not certain, for a measurement is refused by it: it is a lower
 * bound, and what passes may still run out of memory.
 * @returns terms in bytes, over all GPUs together; absent, with the reason, when the weights cannot be counted. A cache
 * that cannot be counted is in `omitted` instead.
 */
export function estimateFrom(
  facts: ModelFacts,
  settings: MemorySettings,
  rule: MemoryRule,
  { device, gpus }: { device: Device; gpus: readonly GpuMemory[] },
): MemoryEstimate | Absent {
  const weights = weightBytes(facts, settings, rule);
  if (isAbsent(weights)) return weights;
  const used = device === 'cpu' ? 0 : settings.tensor_parallel_size * settings.pipeline_parallel_size;
  const { logits, ...grown } = largestWorkload(facts, settings, device);
  const setAside = settings.kv_cache_memory_bytes;
  const cache = setAside === null ? grown.cache : setAside * Math.max(1, used);
  const terms: MemoryTerm[] = [{ name: 'weights', bytes: weights }];
  if (!isAbsent(cache)) terms.push({ name: 'KV cache', bytes: cache });
  terms.push({ name: 'logits', bytes: logits }, { name: 'overhead', bytes: (rule.overheadMib[device] ?? 0) * MIB });
  const omitted = isAbsent(cache) ? [{ name: 'KV cache', reason: cache.reason }] : [];
  if (device === 'cpu') return { on: 'host', gpus: 0, terms, omitted };
  return { on: 'gpu', gpus: used, terms: withReserve(terms, settings, gpus, used), omitted };
}

/** Bytes of all weights as they lie in memory; absent for an unknown quantisation, or an unknown type of unstored weights. */
export function weightBytes(facts: ModelFacts, settings: MemorySettings, rule: MemoryRule): Value {
  const { parameters, stored_bytes, vocabulary, embedding_length } = facts;
  const width = WIDTHS.get(settings.compute_dtype ?? '');
  const asStored = rule.weights === 'as-stored' || isAbsent(parameters) || width === undefined;
  if (asStored) return stored_bytes ?? absent(memoryTexts.notStored);
  if (settings.quantisation === null) return parameters * width;
  const quantised = QUANTISED.get(settings.quantisation);
  if (quantised === undefined) return absent(memoryTexts.quantisation(settings.quantisation));
  // Embeddings keep the compute type. Engines differ in the output layer; it counts as quantised, which is less.
  const embeddings = Math.min(parameters, (vocabulary ?? 0) * (embedding_length ?? 0));
  return embeddings * width + (parameters - embeddings) * quantised;
}

/** Keys, values and logits of the workload that takes most of them. */
function largestWorkload(
  facts: ModelFacts,
  settings: MemorySettings,
  device: Device,
): { cache: Value; logits: number } {
  const isElsewhere = settings.cache === 'offloaded' && device === 'cuda';
  const all = workloadsOf(settings).map(({ batch_size, prompt_tokens, new_tokens }) => {
    const tokens = settings.context_size ?? prompt_tokens + new_tokens;
    // An engine that reserves a fixed share of the GPU lets sequences wait for room, so only one must fit.
    const sequences = settings.gpu_memory_utilization === null ? batch_size : 1;
    return {
      cache: isElsewhere ? absent(memoryTexts.offloaded) : cacheBytes(facts.cache, sequences, tokens, settings),
      // For the last token of each sequence, in single precision.
      logits: sequences * (facts.vocabulary ?? 0) * 4,
    };
  });
  const sizeOf = ({ cache, logits }: (typeof all)[number]) => logits + (isAbsent(cache) ? 0 : cache);
  return all.reduce((largest, one) => (sizeOf(one) > sizeOf(largest) ? one : largest));
}

function cacheBytes(layers: CacheLayer[] | Absent, sequences: number, tokens: number, settings: MemorySettings): Value {
  if (isAbsent(layers)) return layers;
  const widths = cacheWidths(settings);
  if (isAbsent(widths)) return widths;
  const perSequence = layers.reduce((sum, { key, value, window }) => {
    const kept = Math.min(tokens, window ?? tokens);
    return sum + kept * (key * widths.key + value * widths.value);
  }, 0);
  return sequences * perSequence;
}

export function cacheWidths(settings: MemorySettings): { key: number; value: number } | Absent {
  const { kv_cache_key, kv_cache_value, kv_cache_dtype, compute_dtype, cache } = settings;
  if (cache === 'quantized-fp8') return { key: 1, value: 1 };
  const shared = kv_cache_dtype === null || kv_cache_dtype === 'auto' ? compute_dtype : kv_cache_dtype;
  const [key, value] = [kv_cache_key ?? shared, kv_cache_value ?? shared].map((type) => WIDTHS.get(type ?? ''));
  return key === undefined || value === undefined ? absent(memoryTexts.cacheType) : { key, value };
}

/** An engine that reserves `gpu_memory_utilization` of each GPU at its start (vLLM) needs all of that share, whatever it puts there. */
function withReserve(
  terms: MemoryTerm[],
  { gpu_memory_utilization }: MemorySettings,
  gpus: readonly GpuMemory[],
  used: number,
): MemoryTerm[] {
  if (gpu_memory_utilization === null) return terms;
  const reserved = used * gpu_memory_utilization * Math.min(...gpus.map(({ total_bytes }) => total_bytes));
  const rest = reserved - totalOf({ terms });
  return rest > 0 ? [...terms, { name: 'reserved by gpu_memory_utilization', bytes: rest }] : terms;
}

/**
 * Bytes of one value by type. The block types are those of llama.cpp (ggml-common.h): 32 values share a scale of 2 bytes,
 * and `q4_1` and `q5_1` an offset of 2 bytes as well, so `q4_0` takes (16 + 2) / 32.
 */
const WIDTHS = new Map(
  Object.entries({
    float32: 4,
    float16: 2,
    bfloat16: 2,
    fp8: 1,
    fp8_e4m3: 1,
    fp8_e5m2: 1,
    f32: 4,
    f16: 2,
    bf16: 2,
    q8_0: 34 / 32,
    q5_1: 24 / 32,
    q5_0: 22 / 32,
    q4_1: 20 / 32,
    q4_0: 18 / 32,
    iq4_nl: 18 / 32,
  }),
);

/** Bytes of one weight of a linear layer by quantisation: 8 or 4 bits, without scales, whose size depends on the engine. */
const QUANTISED = new Map(
  Object.entries({
    'bnb-int8': 1,
    'bnb-nf4': 0.5,
    'torchao-int8-weight-only': 1,
    'torchao-int8-dynamic': 1,
  }),
);
