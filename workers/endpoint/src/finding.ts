import type { RequestError } from './error.ts';

/** The server's own counts. */
export interface Usage {
  /** null when the server doesn't tell. */
  prompt_tokens: number | null;
  /** null where no answer was asked for. */
  completion_tokens: number | null;
  /** Tokens of the prompt that came from a cache; null when the server doesn't tell. */
  cached_tokens: number | null;
}

/** What one event of a stream says. */
export interface Finding {
  /** Of the answer; empty for a piece that has no text, null when the event is no piece of it. */
  text: string | null;
  /** It belongs to the answer, if only to open or to end it. */
  isChoice: boolean;
  /** It says itself that nothing follows. */
  isEnd: boolean;
  /** Its place among the events of its stream; null where they are not numbered. */
  number: number | null;
  usage: Usage | null;
  finish_reason: string | null;
  model: string | null;
  error: RequestError | null;
}

/** An event that says nothing of the answer, or that it failed. */
export const nothing = (error: RequestError | null): Finding => ({
  text: null,
  isChoice: false,
  isEnd: false,
  number: null,
  usage: null,
  finish_reason: null,
  model: null,
  error,
});

export const serverError = (message: string): RequestError => ({ type: 'server', message, status: null });
export const protocolError = (message: string): RequestError => ({ type: 'protocol', message, status: null });

export const asText = (value: unknown): string | null => (typeof value === 'string' ? value : null);

export const asCount = (value: unknown): number | null =>
  Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : null;
