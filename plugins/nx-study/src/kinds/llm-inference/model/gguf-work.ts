import { absent, isAbsent } from '../../../base/known.ts';
import type { Absent } from '../../../base/known.ts';
import { attentionLayers, cacheOf, headsOf, HEADS, lengthsOf, numberOf, windowsOf } from './gguf-cache.ts';
import type { GgufHeader } from './gguf-header.ts';
import { modelTexts } from './texts.ts';
import type { AttentionLayer, TokenWork } from './types.ts';
import { workOf } from './work.ts';
import { product } from '../../../base/sum.ts';

/** The work of a token in a GGUF file; the first of its parts describes the model. */
export function workOfGguf(headers: readonly GgufHeader[]): TokenWork | Absent {
  const header = headers[0]!;
  const attention = attentionOf(header);
  if (isAbsent(attention)) return attention;
  const tensors = headers.flatMap((part) => [...part.tensors]);
  const has = (name: string) => tensors.some(([one]) => one === name);
  if (has('per_layer_token_embd.weight')) return absent(modelTexts.sharing);
  const ofNames = (pattern: RegExp) =>
    tensors.reduce((total, [name, shape]) => total + (pattern.test(name) ? product(shape) : 0), 0);
  return workOf({
    total: ofNames(/^(?!position_embd)/),
    table: ofNames(/^token_embd\.weight$/),
    isTied: !has('output.weight'),
    tableBytes: bytesOf(headers, 'token_embd.weight'),
    expertWeights: ofNames(/_exps\./),
    experts: numberOf(header, 'expert_count'),
    used: numberOf(header, 'expert_used_count'),
    attention,
  });
}

function attentionOf(header: GgufHeader): AttentionLayer[] | Absent {
  const cache = cacheOf(header);
  if (isAbsent(cache)) return cache;
  const layers = numberOf(header, 'block_count')!;
  const heads = headsOf(header, layers, [HEADS]);
  const lengths = lengthsOf(header);
  if (heads === null || lengths === null) return absent(modelTexts.noAttention);
  if (numberOf(header, 'nextn_predict_layers') || numberOf(header, 'attention.shared_kv_layers'))
    return absent(modelTexts.sharing);
  if (cache.length !== layers || !attentionLayers(header, layers)?.every(Boolean)) return absent(modelTexts.state);
  const windows = windowsOf(header, layers);
  if (windows.some(({ window, isSliding }) => window !== null && isSliding === null)) return absent(modelTexts.windows);
  return heads.map((count, layer) => {
    const { window } = windows[layer]!;
    const { key, value } = window === null ? lengths.full : lengths.sliding;
    return { attended: count * (key + value), window };
  });
}

/** From the tensor's offset to the next one's, or to the end. */
function bytesOf(headers: readonly GgufHeader[], name: string): number | null {
  const header = headers.find(({ tensors }) => tensors.has(name));
  if (header === undefined) return null;
  const from = header.offsets.get(name)!;
  const later = [...header.offsets.values()].filter((offset) => offset > from);
  return Math.min(...later, header.tensor_bytes) - from;
}
