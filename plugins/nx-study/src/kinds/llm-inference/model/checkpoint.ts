import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { modelTexts } from './texts.ts';
import { absent } from '../../../base/known.ts';
import type { Absent } from '../../../base/known.ts';
import { ModelError } from './error.ts';
import { readSafetensors } from './safetensors.ts';
import type { CacheLayer, ModelFacts } from './types.ts';

const count = z
  .int()
  .min(0)
  .max(2 ** 32);

/** The part of a Hugging Face `config.json` that determines the size of the cache per token. */
const textConfigSchema = z.looseObject({
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
});
export type TextConfig = z.infer<typeof textConfigSchema>;

// Models that also see or hear describe their language model in a part of its own.
const configSchema = z.looseObject({
  text_config: textConfigSchema.optional(),
  quantization_config: z.unknown().optional(),
});
const indexSchema = z.object({ weight_map: z.record(z.string(), z.string()) });

const MOST_JSON_BYTES = 64 * 2 ** 20;
export const CONFIG = 'config.json';
const SINGLE = 'model.safetensors';
const INDEX = 'model.safetensors.index.json';

/** The facts of a folder with config.json and safetensors files. */
export function checkpointFacts(folder: string): ModelFacts {
  const whole = readJson(join(folder, CONFIG), configSchema);
  const config = whole.text_config ?? readJson(join(folder, CONFIG), textConfigSchema);
  const tensors = weightFiles(folder).map((name) => readSafetensors(join(folder, name)));
  // A quantised checkpoint packs several weights into one value, so their number isn't the number of values.
  const isPacked = whole.quantization_config !== undefined && whole.quantization_config !== null;
  return {
    parameters: isPacked ? absent(modelTexts.packed) : tensors.reduce((total, { parameters }) => total + parameters, 0),
    stored_bytes: tensors.reduce((total, { bytes }) => total + bytes, 0),
    vocabulary: config.vocab_size ?? null,
    embedding_length: config.hidden_size ?? null,
    cache: cacheOfConfig(config),
  };
}

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

const FULL = 'full_attention';
const SLIDING = 'sliding_attention';

function weightFiles(folder: string): string[] {
  if (existsSync(join(folder, SINGLE))) return [SINGLE];
  if (!existsSync(join(folder, INDEX))) throw new ModelError(modelTexts.noWeights(folder));
  const names = [...new Set(Object.values(readJson(join(folder, INDEX), indexSchema).weight_map))];
  const foreign = names.find((name) => basename(name) !== name || name === '..');
  if (foreign !== undefined) throw new ModelError(modelTexts.foreign(join(folder, INDEX), foreign));
  return names;
}

function readJson<T extends z.ZodType>(path: string, schema: T): z.infer<T> {
  if (statSync(path).size > MOST_JSON_BYTES) throw new ModelError(modelTexts.tooLong(path, MOST_JSON_BYTES));
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new ModelError(modelTexts.json(path, (error as Error).message), { cause: error });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw new ModelError(modelTexts.json(path, `${issue.path.join('.')}: ${issue.message}`));
}
