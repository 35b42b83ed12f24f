import { absent } from '../../base/known.ts';
import type { Value } from '../kind.ts';
import type { ServedRequest, ServedWorkload } from './schema.ts';
import { sum } from '../../base/sum.ts';

/**
 * Time per output token after the first chunk, in s: (last − first chunk) / (new tokens − tokens in the first chunk).
 * None where a count is unknown, and where all chunks arrived together.
 */
export function perTokenAfterFirst({ chunk_times_s, new_tokens, first_chunk_tokens }: ServedRequest): number[] {
  if (new_tokens === null || first_chunk_tokens === null) return [];
  const later = new_tokens - first_chunk_tokens;
  return later > 0 && !areTogether(chunk_times_s) ? [spread_s(chunk_times_s) / later] : [];
}

/**
 * The least and the most that this time can be, in s: equal where it is known. Where nothing tells how many tokens the first chunk
 * held, it held one at least, and left one at least to each later chunk. None where that says nothing.
 */
export function boundsPerToken(request: ServedRequest): { least: number; most: number } | null {
  const { chunk_times_s, new_tokens, first_chunk_tokens } = request;
  const [known] = perTokenAfterFirst(request);
  if (known !== undefined) return { least: known, most: known };
  const later = chunk_times_s.length - 1;
  if (new_tokens === null || first_chunk_tokens !== null || later < 1 || areTogether(chunk_times_s)) return null;
  const took_s = spread_s(chunk_times_s);
  return new_tokens > later ? { least: took_s / (new_tokens - 1), most: took_s / later } : null;
}

/** From the first chunk to the last one, in s; 0 for a single one. */
export const spread_s = (times_s: readonly number[]): number => (times_s.at(-1) ?? 0) - (times_s[0] ?? 0);

/**
 * The shortest time in s from one chunk to the next that a model can need. Chosen between two facts: reading a chunk that
 * has already arrived takes about 0.00002 s, and no model makes 10,000 tokens a second for one request.
 */
const FASTEST_CHUNK_S = 1e-4;

const areTogether = (times_s: readonly number[]): boolean =>
  spread_s(times_s) <= FASTEST_CHUNK_S * (times_s.length - 1);

/** Whether an answer that should have been a stream came at once: when its first token was there isn't known. */
export function isHeldBack(request: ServedRequest, workload: ServedWorkload): boolean {
  const { chunk_times_s, new_tokens } = request;
  if (askedTokens(request, workload) < 2) return false;
  // A short answer may rightly be a single chunk.
  if (chunk_times_s.length === 1) return workload.length === 'exact' && new_tokens !== 1;
  return areTogether(chunk_times_s);
}

/** New tokens that a request asked for; 0 for embeddings. */
export const askedTokens = ({ asked_tokens }: ServedRequest, { new_tokens }: ServedWorkload): number =>
  asked_tokens ?? new_tokens ?? 0;

/** Why no request has a time per output token after the first chunk. */
export function whyNoTimePerToken(successful: readonly ServedRequest[]): string {
  const counted = successful.filter(({ new_tokens }) => new_tokens !== null);
  if (counted.length === 0) return NOBODY_COUNTED;
  return counted.some(({ first_chunk_tokens }) => first_chunk_tokens !== null)
    ? 'no tokens after the first chunk'
    : 'there are fewer chunks with text than tokens, and nothing tells how many tokens the first chunk held: give `tokenizer`, or use a server that counts along (stream_options.continuous_usage_stats)';
}

export const NOTHING_GENERATED = 'embeddings were asked for, so nothing was generated';

export const NOBODY_COUNTED = 'nobody counted the new tokens: the server sent no usage, so give `tokenizer`';

/** Each chunk carried one token. */
export const isTokenByToken = ({ chunk_times_s, new_tokens, first_chunk_tokens }: ServedRequest): boolean =>
  first_chunk_tokens === 1 && new_tokens === chunk_times_s.length;

export interface Counts {
  theirs: number;
  ours: number;
  /** The answer ended by itself, as far as is known: with a token that has no text. */
  hasEnd: boolean;
}

/** New tokens by the server's usage, and of the same text by the tokenizer, of each request that has both. */
export function bothCounts({ token_count }: ServedWorkload, successful: readonly ServedRequest[]): Counts[] {
  return successful.flatMap(({ usage, text_tokens, new_tokens, finish_reason }) => {
    // Older workers had one count for all: that of the tokenizer, if there was one.
    const older = token_count === 'server-usage' ? null : new_tokens;
    const ours = text_tokens === undefined ? older : text_tokens;
    const theirs = usage?.completion_tokens ?? null;
    return theirs !== null && ours !== null ? [{ theirs, ours, hasEnd: finish_reason !== 'length' }] : [];
  });
}

/** The server's count less the tokenizer's, in percent of the latter. */
export function usageDifference(workload: ServedWorkload, successful: readonly ServedRequest[]): Value {
  if (workload.embeddings !== undefined) return absent(NOTHING_GENERATED);
  if (workload.token_count === 'server-usage') return absent("only the server's usage was counted");
  const { theirs, ours } = totalsOf(bothCounts(workload, successful));
  return ours === 0 ? absent('no successful request has both counts') : (100 * (theirs - ours)) / ours;
}

export const totalsOf = (counts: readonly Counts[]): Pick<Counts, 'theirs' | 'ours'> => ({
  theirs: sum(counts.map(({ theirs }) => theirs)),
  ours: sum(counts.map(({ ours }) => ours)),
});

/** Differences that go both ways add up, too; the token that ends an answer is none. */
export function differsBy(counts: readonly Counts[]): number {
  const { ours } = totalsOf(counts);
  const apart = ({ theirs, ours: own, hasEnd }: Counts) => (hasEnd && theirs > own ? theirs - own - 1 : theirs - own);
  return sum(counts.map((one) => Math.abs(apart(one)))) / Math.max(1, ours);
}
