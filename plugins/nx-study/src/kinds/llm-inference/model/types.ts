import type { Absent } from '../../../base/known.ts';

/** What a model's own header says of its size; no weight is read. */
export interface ModelFacts {
  /** Number of weights; absent where several of them are packed into one stored value. */
  parameters: number | Absent;
  /** Of all tensors as they are stored; null for a model that isn't stored. */
  stored_bytes: number | null;
  /** Number of tokens that it knows; null when the header doesn't tell. */
  vocabulary: number | null;
  /** Length of a token's vector; null when the header doesn't tell. */
  embedding_length: number | null;
  /** What attention keeps of each token, for each layer that keeps anything. */
  cache: CacheLayer[] | Absent;
}

export interface CacheLayer {
  /** Values per token. */
  key: number;
  value: number;
  /** Tokens that are kept at most; null when all are. */
  window: number | null;
}
