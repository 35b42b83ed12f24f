import type { Answer } from './answer.ts';
import { errorIn, isObject, parseJson } from './error.ts';
import { asCount, asText, protocolError, serverError } from './finding.ts';
import type { Usage } from './finding.ts';

/** The vectors of one response; they are counted, and not kept. */
export interface Embeddings {
  count: number;
  /** Numbers in each of them; null where that differs, or where something else is among them. */
  dimension: number | null;
}

/** Reads the whole body of a response of the embeddings API. */
export function readEmbeddings(text: string): Answer {
  const body = parseJson(text);
  const answer = emptyAnswer();
  if (!isObject(body)) return { ...answer, error: protocolError(`no JSON object: ${text.slice(0, MOST_OF_AN_ERROR)}`) };
  const error = errorIn(body);
  if (error !== null) return { ...answer, error: serverError(error) };
  const { data, usage, model } = body;
  if (!Array.isArray(data))
    return { ...answer, error: protocolError('a response without a list `data` of embeddings') };
  const vectors = (data as unknown[]).map((one) => (isObject(one) ? one['embedding'] : null));
  const [first] = vectors;
  const length = Array.isArray(first) ? first.length : 0;
  const dimension = length > 0 && vectors.every((vector) => isVector(vector, length)) ? length : null;
  return {
    ...answer,
    embeddings: { count: vectors.length, dimension },
    usage: usageOf(usage),
    model: asText(model),
  };
}

const MOST_OF_AN_ERROR = 2000;

const isVector = (vector: unknown, length: number): boolean =>
  Array.isArray(vector) && vector.length === length && vector.every((value) => typeof value === 'number');

function usageOf(usage: unknown): Usage | null {
  if (!isObject(usage)) return null;
  const prompt_tokens = asCount(usage['prompt_tokens']);
  return prompt_tokens === null ? null : { prompt_tokens, completion_tokens: null, cached_tokens: null };
}

/** Each has times of its own, which are moved from thread to thread. */
const emptyAnswer = (): Answer => ({
  chunk_times_s: new Float64Array(),
  chunks: [],
  first_text_s: null,
  first_chunk_tokens: null,
  usage: null,
  usage_is_running: false,
  finish_reason: null,
  own_end_s: null,
  model: null,
  embeddings: null,
  error: null,
});
