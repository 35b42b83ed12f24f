import { absent, isAbsent } from '../../../base/known.ts';
import type { Absent } from '../../../base/known.ts';
import { cacheOfConfig, FULL, SLIDING } from './checkpoint-config.ts';
import type { TextConfig } from './checkpoint-config.ts';
import { modelTexts } from './texts.ts';
import type { AttentionLayer, TokenWork } from './types.ts';
import { workOf } from './work.ts';
import { sum } from '../../../base/sum.ts';

/** The work of a token in a checkpoint. @param sizes - the number of weights of each tensor, by its name. */
export function workOfCheckpoint(config: TextConfig, sizes: ReadonlyMap<string, number>): TokenWork | Absent {
  const attention = attentionOf(config);
  if (isAbsent(attention)) return attention;
  const ofNames = (pattern: RegExp) => sum([...sizes].flatMap(([name, size]) => (pattern.test(name) ? size : [])));
  return workOf({
    total: sum([...sizes.values()]) - ofNames(POSITIONS),
    table: (config.vocab_size ?? 0) * config.hidden_size!,
    isTied: ofNames(OUTPUT) === 0,
    tableBytes: null,
    expertWeights: ofNames(EXPERTS),
    experts: config.num_local_experts ?? config.num_experts ?? config.n_routed_experts ?? null,
    used: config.num_experts_per_tok ?? null,
    attention,
  });
}

const OUTPUT = /(^|\.)(lm_head|embed_out)\.weight$/;
// Experts that every token passes are named `shared_expert` or `shared_experts`.
const EXPERTS = /\.experts\./;
// A token takes one row of such a table.
const POSITIONS = /(^|\.)(wpe|embed_positions|position_embeddings)\.weight$/;

/** Architectures all of whose layers look at a window where the file names one, and lists no layers. */
const ALL_SLIDE = new Set(['mistral', 'mixtral', 'phi3', 'starcoder2']);

function attentionOf(config: TextConfig): AttentionLayer[] | Absent {
  const cache = cacheOfConfig(config);
  if (isAbsent(cache)) return cache;
  const { num_hidden_layers: layers, num_attention_heads: heads, hidden_size, layer_types } = config;
  if (config.is_encoder_decoder) return absent(modelTexts.encoderDecoder);
  if (config.num_kv_shared_layers || config.num_nextn_predict_layers) return absent(modelTexts.sharing);
  if (layer_types?.some((type) => type !== FULL && type !== SLIDING)) return absent(modelTexts.state);
  const isWindowed = cache.some(({ window }) => window !== null);
  if (isWindowed && !layer_types && !ALL_SLIDE.has(config.model_type ?? '')) return absent(modelTexts.windows);
  if (cache.length !== layers) return absent(modelTexts.mixed);
  const length = config.head_dim ?? hidden_size! / heads!;
  return cache.map(({ window }) => {
    const own = window === null ? (config.global_head_dim ?? length) : length;
    return { attended: 2 * heads! * own, window };
  });
}
