import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { isJsonObject } from '../../../base/json.ts';
import type { Json, JsonObject } from '../../../base/json.ts';
import { CONFIG } from './checkpoint.ts';
import { numberOf } from './gguf-cache.ts';
import { readGgufHeader } from './gguf-header.ts';
import { quantisationOf } from './packed.ts';

/** Of the worker's own synthetic models. */
export function syntheticShape({ synthetic }: JsonObject): JsonObject {
  if (!isJsonObject(synthetic)) return {};
  const { architecture, layers, hidden_size, heads, kv_heads, vocabulary, context } = synthetic;
  const dense = { type: architecture, experts: 0, quantization: null };
  const sizes = { layers, hidden_size, heads, kv_heads, vocabulary, positions: context };
  return known({ ...dense, ...sizes, head_size: ratio(hidden_size, heads) });
}

/**
 * The numbers of a model's header that engines check settings against, by the names of `FACTS`; nothing for a model that
 * isn't there or can't be read, which its engine says better.
 */
export function shapeAt(path: string): JsonObject {
  try {
    const isFolder = statSync(path).isDirectory();
    if (!isFolder) return ggufShape(path);
    if (existsSync(join(path, CONFIG))) return configShape(path);
    const gguf = readdirSync(path)
      .filter((name) => name.endsWith('.gguf'))
      .toSorted()[0];
    return gguf === undefined ? {} : ggufShape(join(path, gguf));
  } catch {
    return {};
  }
}

function ggufShape(path: string): JsonObject {
  const header = readGgufHeader(path);
  const of = (key: string) => numberOf(header, key) ?? undefined;
  const heads = of('attention.head_count');
  const hidden_size = of('embedding_length');
  return known({
    layers: of('block_count'),
    hidden_size,
    heads,
    kv_heads: of('attention.head_count_kv'),
    head_size: of('attention.key_length') ?? ratio(hidden_size, heads),
    // Stretched ones have another length than the one that is written.
    positions: of('rope.scaling.factor') === undefined ? of('context_length') : undefined,
    vocabulary: header.lengths.get('tokenizer.ggml.tokens'),
  });
}

const size = z.int().min(1).optional().catch(undefined);
const ropeSchema = z
  .looseObject({ rope_type: z.string().optional(), factor: z.number().optional() })
  .nullish()
  .catch(null);
const shapeSchema = z.looseObject({
  num_hidden_layers: size,
  hidden_size: size,
  num_attention_heads: size,
  num_key_value_heads: size,
  head_dim: size,
  max_position_embeddings: size,
  vocab_size: size,
  model_type: z.string().optional().catch(undefined),
  kv_lora_rank: z.unknown().optional(),
  rope_scaling: ropeSchema,
  rope_parameters: ropeSchema,
});
// As configurations of models with experts have them, whatever their number.
const EXPERTS = ['num_experts', 'moe_num_experts', 'n_routed_experts', 'num_local_experts', 'block_configs'];

function configShape(folder: string): JsonObject {
  const whole: unknown = JSON.parse(readFileSync(join(folder, CONFIG), 'utf8'));
  if (!isJsonObject(whole)) return {};
  const config = shapeSchema.parse(isJsonObject(whole['text_config']) ? whole['text_config'] : whole);
  const quantisation = quantisationOf(folder, whole);
  const rope = config.rope_parameters ?? config.rope_scaling;
  // vLLM takes more than the positions where `model_max_length` allows it.
  const isStretched = rope?.factor !== undefined && rope.rope_type !== 'llama3';
  const { num_attention_heads: heads, hidden_size } = config;
  // Latent attention has heads of other kinds.
  const isLatent = Boolean(config.kv_lora_rank);
  return known({
    type: config.model_type,
    layers: config.num_hidden_layers,
    hidden_size,
    heads,
    kv_heads: isLatent ? undefined : (config.num_key_value_heads ?? heads),
    head_size: isLatent ? undefined : (config.head_dim ?? ratio(hidden_size, heads)),
    experts: EXPERTS.some((name) => config[name] !== undefined) ? undefined : 0,
    positions: isStretched || config['model_max_length'] ? undefined : config.max_position_embeddings,
    vocabulary: config.vocab_size,
    quantization: quantisation === null ? null : quantisation['quant_method'],
  });
}

const ratio = (all: Json | undefined, parts: Json | undefined): number | undefined =>
  typeof all === 'number' && typeof parts === 'number' && all % parts === 0 ? all / parts : undefined;

const known = (values: Record<string, Json | undefined>): JsonObject =>
  Object.fromEntries(Object.entries(values).filter((entry): entry is [string, Json] => entry[1] !== undefined));
