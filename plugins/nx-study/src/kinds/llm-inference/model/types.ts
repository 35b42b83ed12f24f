import type { Absent } from '../../../base/known.ts';

/** A model's size, by its own header; no weight is read. */
export interface ModelFacts {
  /** Number of weights; absent where several of them are packed into one stored value. */
  parameters: number | Absent;
  /** Of all tensors as they are stored; null for a model that isn't stored. */
  stored_bytes: number | null;
  /** Number of tokens that it knows; null when the header doesn't give it. */
  vocabulary: number | null;
  /** Length of a token's vector; null when the header doesn't give it. */
  embedding_length: number | null;
  /** The values that attention keeps of each token, for each layer that keeps any. */
  cache: CacheLayer[] | Absent;
}

export interface CacheLayer {
  /** Values per token. */
  key: number;
  value: number;
  /** Tokens that are kept at most; null when all are. */
  window: number | null;
}
