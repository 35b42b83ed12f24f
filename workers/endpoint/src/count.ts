import { round } from '../../kits/node/inference/time.ts';
import { withTime } from './answer.ts';
import { isOwnEnd, meaningOf } from './finish.ts';
import type { Sent } from './load/loop.ts';
import type { Prompt } from './prompts.ts';
import type { Tokenizer } from './tokenizer.ts';

/** How the new tokens of a request were counted, the best way first. */
export type CountedBy = 'running-usage' | 'server-usage' | 'pinned-tokenizer';

/** What a request should produce. */
interface Asked {
  new_tokens: number;
  length: 'exact' | 'at-most';
}

/** Why a request without an error is no success. */
export interface Incomplete {
  type: 'no-finish-reason' | 'finish-reason' | 'no-text' | 'length' | 'embeddings';
  message: string;
}

/** A request as the result has it; its text is counted, and not kept. */
export function recordOf(sent: Sent, tokenizer: Tokenizer | null, length: Asked['length']) {
  const { scheduled_s, waited_s, prompt, asked_tokens, asked_prompt_tokens, inputs, turn, reply } = sent;
  const { start_s, first_text_s, done_s, usage, finish_reason, error } = reply;
  const { connection_reused, connect_s, sent_again } = reply;
  const text_tokens =
    tokenizer === null || asked_tokens === null ? null : tokenizer.encode(reply.chunks.join('')).length;
  const { chunk_times_s, end_s } = withEndToken(reply, text_tokens);
  const incomplete =
    asked_tokens === null
      ? withoutAll(reply, inputs ?? 1)
      : incompleteOf(reply, text_tokens, { new_tokens: asked_tokens, length });
  return {
    scheduled_s: scheduled_s === null ? null : round(scheduled_s),
    waited_s: round(waited_s),
    ...(turn !== undefined && { turn }),
    start_s: round(start_s),
    chunk_times_s: Array.from(chunk_times_s, round),
    end_s: end_s === null ? null : round(end_s),
    done_s: round(done_s),
    first_text_s: first_text_s === null ? null : round(first_text_s),
    prompt_tokens: promptTokens(prompt, tokenizer) ?? usage?.prompt_tokens ?? null,
    asked_prompt_tokens,
    ...(asked_tokens !== null && { asked_tokens }),
    ...(reply.embeddings && { embeddings: reply.embeddings }),
    new_tokens: usage?.completion_tokens ?? text_tokens,
    counted_by: wayOf(reply, tokenizer),
    first_chunk_tokens: firstChunkTokens(reply, tokenizer),
    text_tokens,
    usage,
    finish_reason,
    connection_reused,
    connect_s: connect_s === null ? null : round(connect_s),
    sent_again,
    incomplete: error === null ? incomplete : null,
    error,
  };
}

/** The token with which a model ends its answer has no text: where the server counts one token more than the tokenizer does, it is that one. */
function withEndToken(
  reply: Sent['reply'],
  text_tokens: number | null,
): Pick<Sent['reply'], 'chunk_times_s' | 'end_s'> {
  const { chunk_times_s, end_s, own_end_s, usage } = reply;
  const isOneMore = text_tokens !== null && text_tokens > 0 && usage?.completion_tokens === text_tokens + 1;
  if (own_end_s === null || end_s === null || !isOneMore) return { chunk_times_s, end_s };
  return { chunk_times_s: withTime(chunk_times_s, own_end_s), end_s: own_end_s };
}

/** Requests without an error, by the way in which their tokens were counted. */
export function countsByWay(requests: ReturnType<typeof recordOf>[]): Partial<Record<CountedBy | 'none', number>> {
  const counts: Partial<Record<CountedBy | 'none', number>> = {};
  for (const { error, counted_by, embeddings } of requests)
    if (error === null && embeddings === undefined)
      counts[counted_by ?? 'none'] = (counts[counted_by ?? 'none'] ?? 0) + 1;
  return counts;
}

/** Before a chat template; null where nobody can count them. */
export function promptTokens(prompt: Sent['prompt'] | Prompt, tokenizer: Tokenizer | null): number | null {
  if (Array.isArray(prompt)) return prompt.length;
  if (typeof prompt === 'object' && 'tokens' in prompt) return prompt.tokens;
  if (typeof prompt === 'object' && 'inputs' in prompt) {
    const counts = prompt.inputs.flatMap((one) => promptTokens(one, tokenizer) ?? []);
    return counts.length < prompt.inputs.length ? null : counts.reduce((sum, tokens) => sum + tokens, 0);
  }
  if (tokenizer === null) return null;
  const texts = typeof prompt === 'string' ? [prompt] : prompt.messages.map(({ content }) => content);
  return texts.reduce((sum, text) => sum + tokenizer.encode(text).length, 0);
}

function wayOf({ usage, usage_is_running, embeddings }: Sent['reply'], tokenizer: Tokenizer | null): CountedBy | null {
  if (embeddings !== null) return null;
  if (usage !== null) return usage_is_running ? 'running-usage' : 'server-usage';
  return tokenizer === null ? null : 'pinned-tokenizer';
}

/**
 * What is kept of an answer until the series is over: without a tokenizer no text, for nobody counts it; with one its first chunk and
 * the rest in one piece.
 */
export function compact(reply: Sent['reply'], keepsText: boolean): Sent['reply'] {
  const [first, ...rest] = reply.chunks;
  if (!keepsText || first === undefined) return { ...reply, chunks: [] };
  return { ...reply, chunks: [first, rest.join('')] };
}

/** The server's counts tell it, or else the tokenizer splits the answer. */
function firstChunkTokens(reply: Sent['reply'], tokenizer: Tokenizer | null): number | null {
  const { chunk_times_s, chunks, first_chunk_tokens } = reply;
  if (chunk_times_s.length === 0) return null;
  return first_chunk_tokens ?? (tokenizer === null ? null : tokenizer.encode(chunks[0]!).length);
}

/** Why a response for embeddings is no success: it has others than those that were asked for. */
function withoutAll({ embeddings }: Sent['reply'], asked: number): Incomplete | null {
  const { count, dimension } = embeddings ?? { count: 0, dimension: null };
  if (count !== asked) return { type: 'embeddings', message: `${asked} embeddings were asked for, but ${count} came` };
  return dimension === null
    ? { type: 'embeddings', message: `the ${count} embeddings are not all vectors of numbers of one length` }
    : null;
}

function incompleteOf(
  { usage, finish_reason, chunk_times_s }: Sent['reply'],
  text_tokens: number | null,
  { new_tokens, length }: Asked,
): Incomplete | null {
  if (finish_reason === null)
    return { type: 'no-finish-reason', message: 'the server ended the answer without a finish reason' };
  if (meaningOf(finish_reason) !== 'success')
    return { type: 'finish-reason', message: `"${finish_reason}" is no finish reason that is known to mean a success` };
  if (chunk_times_s.length === 0)
    return { type: 'no-text', message: `an answer without text (finish reason "${finish_reason}")` };
  const endedItself = isOwnEnd(finish_reason);
  if (usage === null && text_tokens === null && endedItself && length === 'exact' && chunk_times_s.length < new_tokens)
    return {
      type: 'length',
      message: `${new_tokens} new tokens were asked for, but the answer ended by itself after ${chunk_times_s.length} chunks (finish reason "${finish_reason}"), and nobody counted its tokens`,
    };
  // Text counted again seldom has exactly as many tokens as were produced: it can only show that an answer ended early.
  const produced = usage?.completion_tokens ?? (endedItself ? text_tokens : null);
  if (produced === null || produced === new_tokens || (length === 'at-most' && produced < new_tokens)) return null;
  const most = length === 'at-most' ? 'at most ' : '';
  return {
    type: 'length',
    message: `${most}${new_tokens} new tokens were asked for, but ${produced} were produced (finish reason "${finish_reason}")`,
  };
}
