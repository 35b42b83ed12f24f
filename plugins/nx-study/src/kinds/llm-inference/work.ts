import { absent, isAbsent } from '../../base/known.ts';
import type { Value } from '../kind.ts';
import type { ModelNote } from './model-note.ts';
import { workTexts } from './texts.ts';

/** Sequences of one length, in a batch. */
export interface Shape {
  batch_size: number;
  prompt_tokens: number;
  new_tokens: number;
}

/**
 * FLOP of one token in a decoder that sees `context` tokens, itself included:
 *
 *     2 × weights + 2 × Σ over layers of query heads × (length of a key + of a value) × min(context, window)
 *
 * A multiplication and an addition for each weight (Kaplan et al. 2020, arXiv:2001.08361, section 2.1), and for each query head
 * the products with keys and values; in a usual model these are 4 × layers × heads × head length × context, as in PaLM
 * (Chowdhery et al. 2022, arXiv:2204.02311, appendix B, whose 12 are for training: three times the forward pass). Grouped
 * queries share keys and values, so that there are fewer weights, and as many products. Norms, softmax and rotations are
 * left out, as there. `hasOutput`: whether it makes a distribution over the vocabulary.
 */
export function flopPerToken(
  { weights, output_weights, layers }: ModelNote,
  context: number,
  hasOutput: boolean,
): number {
  const attention = layers.reduce(
    (sum, { count, attended, window }) => sum + count * attended * seen(context, window),
    0,
  );
  return 2 * (weights + (hasOutput ? output_weights : 0) + attention);
}

/** FLOP of a prompt / its tokens; a token sees those before it, and only the last one is followed by a new one. */
export function flopPerPromptToken(note: ModelNote, { prompt_tokens }: Shape): number {
  return meanOver(1, prompt_tokens, (context) => flopPerToken(note, context, context === prompt_tokens));
}

/** Mean FLOP of the tokens that decoding reads: all new ones but the last, which nobody reads. Null for a single new token. */
export function flopPerDecodedToken(note: ModelNote, { prompt_tokens, new_tokens }: Shape): number | null {
  if (new_tokens < 2) return null;
  return meanOver(prompt_tokens + 1, prompt_tokens + new_tokens - 1, (context) => flopPerToken(note, context, true));
}

/**
 * Bytes that memory has to deliver for one decoded token, on average: all weights once for a step of the whole batch, and the
 * keys and values of the token's own sequence (model bandwidth utilisation, Databricks 2023, "LLM Inference Performance
 * Engineering"). The table of input vectors, of which a step reads some rows, is left out.
 */
export function bytesPerDecodedToken(note: ModelNote, { batch_size, prompt_tokens, new_tokens }: Shape): Value {
  if (isAbsent(note.read_bytes)) return note.read_bytes;
  if (note.is_mixture && batch_size > 1) return absent(workTexts.batchOfMixture);
  if (new_tokens < 2) return absent('one new token per sequence, so there is nothing after the first');
  const unknown = note.layers.map(({ kept_bytes }) => kept_bytes).find(isAbsent);
  if (unknown) return unknown;
  const cache = meanOver(prompt_tokens + 1, prompt_tokens + new_tokens - 1, (context) =>
    note.layers.reduce(
      (sum, { count, window, kept_bytes }) => sum + count * (kept_bytes as number) * seen(context, window),
      0,
    ),
  );
  return note.read_bytes / batch_size + cache;
}

const seen = (context: number, window: number | null): number => Math.min(context, window ?? context);

function meanOver(from: number, to: number, valueOf: (context: number) => number): number {
  let sum = 0;
  for (let context = from; context <= to; context += 1) sum += valueOf(context);
  return sum / (to - from + 1);
}
