import { round } from '../../kits/node/inference/time.ts';
import type { Sent } from './loops.ts';
import type { Prompt } from './prompts.ts';
import type { Tokenizer } from './tokenizer.ts';

/** How produced tokens were counted, for all requests of a workload. */
export type TokenCount = 'pinned-tokenizer' | 'server-usage' | 'chunks';

/** By the pinned tokenizer where there is one, else as the server says; failing both, chunks stand for tokens. */
export function countedBy(tokenizer: Tokenizer | null, sent: Sent[]): TokenCount {
  if (tokenizer !== null) return 'pinned-tokenizer';
  const complete = sent.filter(({ reply }) => reply.end_s !== null);
  return complete.some(({ reply }) => reply.usage === null) ? 'chunks' : 'server-usage';
}

/** A request as the result has it; its text is counted, and not kept. */
export function recordOf({ scheduled_s, prompt, reply }: Sent, tokenizer: Tokenizer | null, countedBy: TokenCount) {
  const { start_s, chunk_times_s, end_s, usage, finish_reason, connection_reused, error } = reply;
  return {
    scheduled_s: scheduled_s === null ? null : round(scheduled_s),
    start_s: round(start_s),
    chunk_times_s: chunk_times_s.map(round),
    end_s: end_s === null ? null : round(end_s),
    prompt_tokens: promptTokens(prompt, tokenizer) ?? usage?.prompt_tokens ?? null,
    new_tokens: newTokens(reply, tokenizer, countedBy),
    first_chunk_tokens: firstChunkTokens(reply, tokenizer),
    usage,
    finish_reason,
    connection_reused,
    error,
  };
}

/** Before a chat template. */
function promptTokens(prompt: Prompt, tokenizer: Tokenizer | null): number | null {
  if (typeof prompt !== 'string') return prompt.length;
  return tokenizer === null ? null : tokenizer.encode(prompt).length;
}

function newTokens({ chunks, usage }: Sent['reply'], tokenizer: Tokenizer | null, by: TokenCount): number | null {
  if (by === 'pinned-tokenizer') return tokenizer!.encode(chunks.join('')).length;
  return by === 'server-usage' ? (usage?.completion_tokens ?? null) : chunks.length;
}

/** As many chunks as tokens: one each. Otherwise only a tokenizer can tell. */
function firstChunkTokens({ chunks, usage }: Sent['reply'], tokenizer: Tokenizer | null): number | null {
  const [first] = chunks;
  if (first === undefined) return null;
  if (usage !== null && usage.completion_tokens === chunks.length) return 1;
  return tokenizer === null ? null : tokenizer.encode(first).length;
}
