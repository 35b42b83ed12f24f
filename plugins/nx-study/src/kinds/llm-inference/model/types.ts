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
  work: TokenWork | Absent;
}

/** What the header says about the work of one token in a decoder. */
export interface TokenWork {
  /** Weights that a token is multiplied with, the output matrix aside; of experts those of the chosen ones. */
  weights: number;
  /** Of the output matrix, which makes a distribution over the vocabulary: only for tokens that are followed by a new one. */
  output_weights: number;
  /** Of the table of input vectors, from which a token takes one row; 0 where it is the output matrix as well. */
  table_weights: number;
  /** The same as it is stored, in bytes; null where that isn't known. */
  table_bytes: number | null;
  /** Whether a token chooses some of several experts. */
  isMixture: boolean;
  attention: AttentionLayer[];
}

export interface AttentionLayer {
  /** Query heads × (length of a key + length of a value). */
  attended: number;
  /** Tokens that are looked at, at most; null when all are. */
  window: number | null;
}

export interface CacheLayer {
  /** Values per token. */
  key: number;
  value: number;
  /** Tokens that are kept at most; null when all are. */
  window: number | null;
}
