import type { RequestError } from './stream.ts';

/** The server's own counts. */
export interface Usage {
  prompt_tokens: number;
  completion_tokens: number;
  /** Tokens of the prompt that came from a cache; null when the server doesn't tell. */
  cached_tokens: number | null;
}

/** What one event of a stream says. */
export interface Finding {
  /** Empty when the event carries none. */
  text: string;
  usage: Usage | null;
  finish_reason: string | null;
  model: string | null;
  error: RequestError | null;
}

interface Chunk {
  model?: unknown;
  choices?: { text?: unknown; delta?: Record<string, unknown> | null; finish_reason?: unknown }[];
  usage?: { prompt_tokens?: unknown; completion_tokens?: unknown; prompt_tokens_details?: { cached_tokens?: unknown } };
  error?: { message?: unknown } | string;
}

/** Reads the data of an event of either API; an answer is asked for with one choice. */
export function readChunk(data: string): Finding {
  const chunk = parse(data);
  if (chunk === null)
    return nothing({ type: 'protocol', message: `no JSON object: ${data.slice(0, 200)}`, status: null });
  if (chunk.error) return nothing({ type: 'server', message: messageOf(chunk.error), status: null });
  const choice = chunk.choices?.[0];
  return {
    text: textOf(choice),
    usage: usageOf(chunk.usage),
    finish_reason: asText(choice?.finish_reason),
    model: asText(chunk.model),
    error: null,
  };
}

function parse(data: string): Chunk | null {
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

// Reasoning is produced like any other text, under a name of its own.
function textOf(choice: NonNullable<Chunk['choices']>[number] | undefined): string {
  const { delta } = choice ?? {};
  const parts = [choice?.text, delta?.['reasoning_content'] ?? delta?.['reasoning'], delta?.['content']];
  return parts.filter((part) => typeof part === 'string').join('');
}

function usageOf(usage: Chunk['usage']): Usage | null {
  const { prompt_tokens, completion_tokens, prompt_tokens_details } = usage ?? {};
  if (typeof prompt_tokens !== 'number' || typeof completion_tokens !== 'number') return null;
  const cached = prompt_tokens_details?.cached_tokens;
  return { prompt_tokens, completion_tokens, cached_tokens: typeof cached === 'number' ? cached : null };
}

const messageOf = (error: NonNullable<Chunk['error']>): string =>
  typeof error === 'string' ? error : (asText(error.message) ?? JSON.stringify(error));

const asText = (value: unknown): string | null => (typeof value === 'string' ? value : null);

const nothing = (error: RequestError): Finding => ({ text: '', usage: null, finish_reason: null, model: null, error });
