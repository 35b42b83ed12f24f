import { z } from 'zod';
import type { ModelFacts } from './types.ts';

const size = z.int().min(1);

/** `model: {synthetic: {…}}`: a model with random weights, made in this shape. */
export const syntheticSchema = z.looseObject({
  synthetic: z.looseObject({
    layers: size,
    hidden_size: size,
    intermediate_size: size,
    heads: size,
    kv_heads: size,
    vocabulary: size,
    tie_embeddings: z.boolean(),
  }),
});

/** The facts of a decoder with gated layers, as in all architectures that workers make. */
export function syntheticFacts({ synthetic: shape }: z.infer<typeof syntheticSchema>): ModelFacts {
  const { layers, hidden_size, intermediate_size, heads, kv_heads, vocabulary, tie_embeddings } = shape;
  const kept = (kv_heads * hidden_size) / heads;
  const attention = 2 * hidden_size * (hidden_size + kept);
  const feedForward = 3 * hidden_size * intermediate_size;
  const norms = 2 * hidden_size;
  const embeddings = (tie_embeddings ? 1 : 2) * vocabulary * hidden_size;
  return {
    parameters: embeddings + layers * (attention + feedForward + norms) + hidden_size,
    stored_bytes: null,
    vocabulary,
    embedding_length: hidden_size,
    cache: Array.from({ length: layers }, () => ({ key: kept, value: kept, window: null })),
    work: {
      weights: layers * (attention + feedForward + norms) + hidden_size,
      output_weights: vocabulary * hidden_size,
      table_weights: tie_embeddings ? 0 : vocabulary * hidden_size,
      table_bytes: null,
      isMixture: false,
      attention: Array.from({ length: layers }, () => ({ attended: 2 * hidden_size, window: null })),
    },
  };
}
