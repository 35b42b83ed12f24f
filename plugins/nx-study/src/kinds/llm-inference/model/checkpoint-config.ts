import { z } from 'zod';
import { absent } from '../../../base/known.ts';
import type { Absent } from '../../../base/known.ts';
import { modelTexts } from './texts.ts';
import type { CacheLayer } from './types.ts';

const count = z
  .int()
  .min(0)
  .max(2 ** 32);

/** The part of a Hugging Face `config.json` that determines the size of the cache per token. */
export const textConfigSchema = z.looseObject({
  vocab_size: count.nullish(),
  hidden_size: count.nullish(),
  num_hidden_layers: count.max(4096).nullish(),
  num_attention_heads: count.nullish(),
  num_key_value_heads: count.nullish(),
  head_dim: count.nullish(),
  layer_types: z.array(z.string()).nullish(),
  sliding_window: count.nullish(),
  use_sliding_window: z.boolean().nullish(),
  kv_lora_rank: count.nullish(),
  /** Gemma 3n and 4: so many last layers reuse what earlier ones keep. */
  num_kv_shared_layers: count.nullish(),
  /** Gemma 4: of layers that see everything. */
  global_head_dim: count.nullish(),
  num_global_key_value_heads: count.nullish(),
  model_type: z.string().nullish(),
  is_encoder_decoder: z.boolean().nullish(),
  /** How many experts there are, and how many of them a token passes, by the names of several architectures. */
  num_local_experts: count.nullish(),
  num_experts: count.nullish(),
  n_routed_experts: count.nullish(),
  num_experts_per_tok: count.nullish(),
  /** Layers that predict further tokens. */
  num_nextn_predict_layers: count.nullish(),
});
export type TextConfig = z.infer<typeof textConfigSchema>;

/** The values that attention keeps of each token, by layer, from a model's configuration. */
export function cacheOfConfig(config: TextConfig): CacheLayer[] | Absent {
  const { num_hidden_layers: layers, num_attention_heads: heads, hidden_size, layer_types } = config;
  if (config.kv_lora_rank) return absent(modelTexts.latent);
  if (!layers || !heads || !hidden_size) return absent(modelTexts.noAttention);
  const keeping = layers - (config.num_kv_shared_layers ?? 0);
  if (keeping <= 0) return absent(modelTexts.noAttention);
  const length = config.head_dim ?? hidden_size / heads;
  const count = config.num_key_value_heads ?? heads;
  const kept = count * length;
  // Only the model's code knows whether such layers have other heads, so the fewer count.
  const global = Math.min(count, config.num_global_key_value_heads ?? count) * (config.global_head_dim ?? length);
  const window = config.use_sliding_window === false ? null : config.sliding_window || null;
  const types = layer_types ?? Array.from({ length: layers }, () => (window === null ? FULL : SLIDING));
  return types.slice(0, keeping).flatMap((type) => {
    if (type === FULL) return { key: global, value: global, window: null };
    // Layers of other types keep a state that doesn't grow.
    return type === SLIDING ? { key: kept, value: kept, window } : [];
  });
}

export const FULL = 'full_attention';
export const SLIDING = 'sliding_attention';
