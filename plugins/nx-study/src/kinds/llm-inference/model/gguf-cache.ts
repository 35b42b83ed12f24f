import { modelTexts } from './texts.ts';
import { absent } from '../../../base/known.ts';
import type { Absent } from '../../../base/known.ts';
import type { GgufHeader } from './gguf-header.ts';
import type { CacheLayer } from './types.ts';

/**
 * The number of values that attention keeps of each token, by layer, as llama.cpp makes its cache (src/llama-hparams.cpp,
 * src/llama-kv-cache-iswa.cpp, src/models/gemma3n.cpp, gemma4.cpp, qwen35.cpp): heads × length of a key or value; in layers with a
 * sliding window their own lengths; nothing in layers that reuse what earlier ones kept, that predict further tokens, or
 * that keep a state. Where the engine knows more than the file, the least that it may be; absent where that isn't known.
 */
export function cacheOf(header: GgufHeader): CacheLayer[] | Absent {
  const unlike = otherKind(header);
  if (unlike !== null) return absent(unlike);
  const layers = numberOf(header, 'block_count');
  const heads = headsOf(header, layers);
  if (layers === null || heads === null) return absent(modelTexts.noAttention);
  const isAttention = attentionLayers(header, layers);
  if (isAttention === null) return absent(modelTexts.mixed);
  const lengths = lengthsOf(header);
  const keeping = keepingLayers(header, layers);
  if (lengths === null || keeping === null) return absent(modelTexts.noAttention);
  const windows = windowsOf(header, layers);
  const kept = heads.flatMap((count, layer) => {
    if (layer >= keeping || count === 0 || !isAttention[layer]) return [];
    const { window, isSliding } = windows[layer]!;
    const { key, value } = lengthOf(lengths, isSliding);
    return [{ key: count * key, value: count * value, window }];
  });
  return kept.length > 0 ? kept : absent(modelTexts.keepsNothing);
}

/** A whole number below the key of the architecture; null when the header has none. */
export function numberOf({ architecture, numbers }: GgufHeader, name: string): number | null {
  const number = numbers.get(`${architecture}.${name}`);
  return number !== undefined && isCount(number) ? number : null;
}

const listOf = ({ architecture, lists }: GgufHeader, name: string): number[] | undefined =>
  lists.get(`${architecture}.${name}`);

// A file may give it in any type, also as a fraction or as no number at all.
const isCount = (number: number): boolean => Number.isSafeInteger(number) && number >= 0;

export const HEADS = 'attention.head_count';
const KEY_VALUE_HEADS = 'attention.head_count_kv';
const MOST_LAYERS = 4096;

/** Why the cache doesn't consist of keys and values of heads; null where it does. */
function otherKind(header: GgufHeader): string | null {
  const has = (part: string) =>
    [...header.numbers.keys()].some((key) => key.startsWith(`${header.architecture}.${part}`));
  if (has('attention.kv_lora_rank')) return modelTexts.latent;
  if (has('wkv.')) return modelTexts.keepsNothing;
  if (has('decoder_block_count') || header.architecture === 't5') return modelTexts.encoderDecoder;
  return numberOf(header, 'attention.causal') === 0 ? modelTexts.encoder : null;
}

/** Heads whose keys and values are kept, by layer; a file gives them once for all layers, or for each. */
export function headsOf(header: GgufHeader, layers: number | null, names = [KEY_VALUE_HEADS, HEADS]): number[] | null {
  if (layers === null || layers > MOST_LAYERS) return null;
  for (const name of names) {
    const list = listOf(header, name);
    if (list) return list.length === layers && list.every(isCount) ? list : null;
    const one = numberOf(header, name);
    if (one !== null) return Array.from({ length: layers }, () => one);
  }
  return null;
}

/** Which layers are attention layers and not recurrent ones; null where some are, and the header doesn't say which. */
export function attentionLayers(header: GgufHeader, layers: number): boolean[] | null {
  const { architecture, numbers } = header;
  const all = Array.from({ length: layers }, (_, layer) => layer);
  const recurrent = listOf(header, 'attention.recurrent_layers');
  if (recurrent?.length === layers) return recurrent.map((flag) => flag === 0);
  const interval = numberOf(header, 'full_attention_interval') ?? INTERVALS.get(architecture);
  if (interval) return all.map((layer) => (layer + 1) % interval === 0);
  // Elsewhere those have no head.
  const isMixed = [...numbers.keys()].some((key) => key.startsWith(`${architecture}.ssm.`));
  return isMixed && !listOf(header, KEY_VALUE_HEADS) ? null : all.map(() => true);
}

/** Every how many layers is an attention layer, where a file may leave it to the engine. */
const INTERVALS = new Map([
  ['qwen3next', 4],
  ['qwen35', 4],
  ['qwen35moe', 4],
]);

/** How many layers from the first one on keep anything; null when the header contradicts itself. */
function keepingLayers(header: GgufHeader, layers: number): number | null {
  const shared = numberOf(header, 'attention.shared_kv_layers') ?? 0;
  const predicting = numberOf(header, 'nextn_predict_layers') ?? 0;
  const rest = layers - shared - predicting;
  if (rest < 0) return null;
  return header.architecture === 'gemma3n' ? Math.min(rest, GEMMA3N_KEEPING) : rest;
}

// llama.cpp doesn't read it from the file.
const GEMMA3N_KEEPING = 20;

interface Lengths {
  /** Of layers that see everything. */
  full: { key: number; value: number };
  /** Of layers that see a window. */
  sliding: { key: number; value: number };
}

/** Lengths of the key and value of a head; null when the header doesn't give them. */
export function lengthsOf(header: GgufHeader): Lengths | null {
  const heads = numberOf(header, HEADS) ?? listOf(header, HEADS)?.[0] ?? 0;
  const embedding = numberOf(header, 'embedding_length');
  const usual = heads > 0 && embedding !== null ? Math.floor(embedding / heads) : null;
  const key = numberOf(header, 'attention.key_length') || usual;
  const value = numberOf(header, 'attention.value_length') || usual;
  if (key === null || value === null) return null;
  const sliding = {
    key: numberOf(header, 'attention.key_length_swa') || key,
    value: numberOf(header, 'attention.value_length_swa') || value,
  };
  return { full: { key, value }, sliding };
}

function lengthOf({ full, sliding }: Lengths, isSliding: boolean | null): { key: number; value: number } {
  if (isSliding !== null) return isSliding ? sliding : full;
  return { key: Math.min(full.key, sliding.key), value: Math.min(full.value, sliding.value) };
}

interface Sight {
  /** Tokens that are kept at most; null when all are. */
  window: number | null;
  /** null when the header doesn't say. */
  isSliding: boolean | null;
}

// Some files list the layers that see only a window; for other models only the engine knows them. Then all count as such,
// which is the least.
export function windowsOf(header: GgufHeader, layers: number): Sight[] {
  const own = listOf(header, 'attention.sliding_window');
  if (own?.length === layers && own.every(isCount))
    return own.map((window) => ({ window: window || null, isSliding: window > 0 }));
  const window = numberOf(header, 'attention.sliding_window') ?? WINDOWS.get(header.architecture) ?? 0;
  const pattern = listOf(header, 'attention.sliding_window_pattern');
  const known = pattern?.length === layers ? pattern : null;
  return Array.from({ length: layers }, (_, layer) => {
    const isSliding = known ? known[layer] !== 0 : null;
    return { window: isSliding === false ? null : window || null, isSliding };
  });
}

/** Windows that the engine uses for architectures whose files may leave them out. */
const WINDOWS = new Map([
  ['gemma2', 4096],
  ['llama4', 8192],
]);
