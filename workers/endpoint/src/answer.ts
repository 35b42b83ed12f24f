import { readChunk } from './chunk.ts';
import type { Embeddings } from './embeddings.ts';
import type { RequestError } from './error.ts';
import type { Finding, Usage } from './finding.ts';
import { isOwnEnd, meaningOf } from './finish.ts';
import { Pieces } from './pieces.ts';
import { isDone } from './sse.ts';
import type { StreamEvent } from './sse.ts';

/** An answer as it was streamed; times on the caller's clock, in s. */
export interface Answer {
  /**
   * When each chunk arrived that carried tokens, as far as text and the server's counts show. No garbage collector copies them, though
   * all answers are kept until the last one has come.
   */
  chunk_times_s: Float64Array;
  /** The text of each of these chunks, empty where its tokens have none; no chunk at all where texts are not kept. */
  chunks: string[];
  first_text_s: number | null;
  /** By the server's counts; null when they don't tell. */
  first_chunk_tokens: number | null;
  usage: Usage | null;
  /** The server counted along, in every chunk. */
  usage_is_running: boolean;
  finish_reason: string | null;
  /** When an answer that the model ended said so, where that may have been with one more token; null where it was none, or is among the chunks. */
  own_end_s: number | null;
  /** The model's name in the answer. */
  model: string | null;
  /** What came instead of a text where embeddings were asked for; null otherwise. */
  embeddings: Embeddings | null;
  error: RequestError | null;
}

export interface AnswerReader {
  /** Says whether the answer is over: after it nothing counts. */
  take(event: StreamEvent): boolean;
  /** The same for what such an event says, without an error and unnumbered, and when it arrived. */
  note(found: Finding, time_s: number): boolean;
  /** How many pieces there are so far. */
  pieces(): number;
  hasFinish(): boolean;
  answer(): Answer;
}

/** Puts together what the events of one stream say. */
export const answerReader = (keepsText: boolean): AnswerReader => new Reader(keepsText);

class Reader implements AnswerReader {
  readonly #keepsText: boolean;
  readonly #pieces = new Pieces();
  readonly #texts: string[] = [];
  readonly #comesAgain = repeats();
  /** Of the last piece; Infinity where it had none. */
  #lastCount = Infinity;
  #usage: Usage | null = null;
  #finish_reason: string | null = null;
  /** When the finish reason came, where it came without a piece. */
  #finish_s: number | null = null;
  #model: string | null = null;
  #error: RequestError | null = null;

  constructor(keepsText: boolean) {
    this.#keepsText = keepsText;
  }

  take({ data, name, time_s, isCut }: StreamEvent): boolean {
    if (isDone(data)) return true;
    const found = readChunk(data, name);
    this.#error = isCut && found.error?.type === 'protocol' ? TRUNCATED : found.error;
    if (this.#error !== null) return true;
    if (this.#comesAgain(found.number, data)) return false;
    return this.note(found, time_s);
  }

  note({ text, isChoice, isEnd, usage, finish_reason, model }: Finding, time_s: number): boolean {
    const count = usage === null ? null : usage.completion_tokens;
    // A token without text shows in a count that grew.
    const isPiece = text !== null || (isChoice && count !== null && count > this.#lastCount);
    if (isPiece) {
      this.#lastCount = count ?? Infinity;
      if (this.#keepsText) this.#texts.push(text ?? '');
    }
    if (isPiece || count !== null) this.#pieces.add(time_s, count, isPiece, !!text);
    if (usage !== null) this.#noteUsage(usage);
    if (finish_reason !== null) {
      this.#finish_reason = finish_reason;
      this.#finish_s = isPiece ? null : time_s;
    }
    this.#model = model ?? this.#model;
    // Nothing but [DONE] can follow, which some servers forget.
    return isEnd || (this.#finish_reason !== null && usage !== null && !isChoice);
  }

  /** A copy: that of an event of a known shape is overwritten by the next one. */
  #noteUsage({ prompt_tokens, completion_tokens, cached_tokens }: Usage): void {
    this.#usage ??= { prompt_tokens, completion_tokens, cached_tokens };
    this.#usage.prompt_tokens = prompt_tokens;
    this.#usage.completion_tokens = completion_tokens;
    this.#usage.cached_tokens = cached_tokens;
  }

  pieces(): number {
    return this.#pieces.length;
  }

  hasFinish(): boolean {
    return this.#finish_reason !== null;
  }

  answer(): Answer {
    const pieces = this.#pieces;
    pieces.close();
    const firstText = pieces.find((event) => pieces.hasText(event));
    const counted = isTotal(pieces) ? this.#usage && { ...this.#usage } : null;
    const ownEnd_s = this.#finish_reason !== null && isOwnEnd(this.#finish_reason) ? this.#finish_s : null;
    return {
      ...chunksOf(pieces, { texts: this.#texts, usage: counted, ownEnd_s }),
      first_text_s: firstText === null ? null : pieces.time_s(firstText),
      usage: counted,
      finish_reason: this.#finish_reason,
      model: this.#model,
      embeddings: null,
      error: this.#error ?? errorOfFinish(this.#finish_reason),
    };
  }
}

/**
 * Tells of each event whether it is the one before, sent twice: the same number and the same data, from a server that has counted its
 * events so far. Without a count the same text is another token.
 */
function repeats(): (number: number | null, data: string) => boolean {
  let before: { number: number; data: string } | null = null;
  let counts = false;
  return (number, data) => {
    if (number === null) return false;
    const isAgain = counts && number === before?.number && data === before.data;
    counts ||= before !== null && number > before.number;
    before = { number, data };
    return isAgain;
  };
}

export const TRUNCATED: RequestError = {
  type: 'truncated',
  message: 'the stream ended before the answer',
  status: null,
};

const errorOfFinish = (reason: string | null): RequestError | null =>
  reason !== null && meaningOf(reason) === 'failure'
    ? { type: 'finish-reason', message: `the answer ended with the finish reason "${reason}"`, status: null }
    : null;

/**
 * Whether the last of a server's counts can be of the whole answer: some count nothing, tell the tokens of each chunk alone,
 * or begin anew. A total may be less than the chunks, which a server may cut smaller than tokens.
 */
function isTotal(pieces: Pieces): boolean {
  const told: number[] = [];
  for (let event = 0; event < pieces.events; event += 1) {
    const count = pieces.count(event);
    if (count !== null) told.push(count);
  }
  const last = told.at(-1);
  if (last === undefined || pieces.withText === 0) return true;
  // The last one may leave out the end-of-sequence token that was counted before.
  const hasFallen = told.some((count, index) => index < told.length - 1 && count < (told[index - 1] ?? 0));
  if (hasFallen && told.indexOf(last) < told.length - 1) return false;
  if (told.some((count) => count > last + 1)) return false;
  const isOfEach = told.length > 1 && last < pieces.withText && told.every((count) => count === last);
  return last > 0 && !isOfEach;
}

type Chunks = Pick<Answer, 'chunk_times_s' | 'chunks' | 'first_chunk_tokens' | 'usage_is_running' | 'own_end_s'>;

interface Said {
  /** Of all pieces; none where they are not kept. */
  texts: readonly string[];
  usage: Usage | null;
  /** When an answer that the model ended said so, without a piece; null for any other. */
  ownEnd_s: number | null;
}

/** Keeps the pieces that carried tokens. */
function chunksOf(pieces: Pieces, said: Said): Chunks {
  return isRunning(pieces, said.usage) ? countedAlong(pieces, said) : countedAtEnd(pieces, said);
}

function countedAlong(pieces: Pieces, { texts, usage, ownEnd_s }: Said): Chunks {
  const kept = keep(pieces, texts, (event, before) => pieces.hasText(event) || pieces.count(event)! > (before ?? 0));
  const first = pieces.find((event) => pieces.isPiece(event) && pieces.count(event)! > 0);
  const hasEndToken = ownEnd_s !== null && usage!.completion_tokens === lastCountOf(pieces)! + 1;
  return {
    ...(hasEndToken ? withEndToken(kept, ownEnd_s) : kept),
    first_chunk_tokens: first === null ? null : pieces.count(first),
    usage_is_running: true,
    own_end_s: null,
  };
}

/** Of the last piece. */
function lastCountOf(pieces: Pieces): number | null {
  for (let event = pieces.events - 1; event >= 0; event -= 1) if (pieces.isPiece(event)) return pieces.count(event);
  return null;
}

function countedAtEnd(pieces: Pieces, { texts, usage, ownEnd_s }: Said): Chunks {
  const produced = usage?.completion_tokens ?? null;
  const hasEndToken = ownEnd_s !== null && produced !== null && isOneMore(produced, pieces);
  const streamed = hasEndToken ? produced - 1 : produced;
  // Pieces without text may be tokens or nothing; as many pieces as tokens are one each.
  const all = streamed === pieces.length && streamed !== pieces.withText;
  const kept = keep(pieces, texts, (event) => all || pieces.hasText(event));
  const isOneEach = streamed !== null && streamed > 0 && kept.chunk_times_s.length === streamed;
  const whole = hasEndToken ? withEndToken(kept, ownEnd_s) : kept;
  return {
    ...whole,
    first_chunk_tokens: isOneEach ? 1 : null,
    usage_is_running: false,
    own_end_s: isOneEach ? null : ownEnd_s,
  };
}

/** Whether there is a token beside those that came one by one. */
const isOneMore = (produced: number, { length, withText }: Pieces): boolean =>
  withText > 0 &&
  produced !== length &&
  produced !== withText &&
  (produced - 1 === length || produced - 1 === withText);

/** The token with which a model ends its answer has no text, and comes with the finish reason. */
function withEndToken({ chunk_times_s, chunks }: Kept, time_s: number): Kept {
  return { chunk_times_s: withTime(chunk_times_s, time_s), chunks: chunks.length > 0 ? [...chunks, ''] : chunks };
}

/** Times and one more after them. */
export function withTime(times_s: Float64Array, time_s: number): Float64Array {
  const more_s = new Float64Array(times_s.length + 1);
  more_s.set(times_s);
  more_s[times_s.length] = time_s;
  return more_s;
}

type Kept = Pick<Answer, 'chunk_times_s' | 'chunks'>;

/** `isKept`: by the event of a piece, and the count of the piece before. */
function keep(
  pieces: Pieces,
  texts: readonly string[],
  isKept: (event: number, before: number | null) => boolean,
): Kept {
  const times_s = new Float64Array(pieces.length);
  const chunks: string[] = [];
  let kept = 0;
  let before: number | null = null;
  let piece = 0;
  for (let event = 0; event < pieces.events; event += 1) {
    if (!pieces.isPiece(event)) continue;
    if (isKept(event, before)) {
      times_s[kept] = pieces.time_s(event);
      kept += 1;
      if (texts.length > 0) chunks.push(texts[piece]!);
    }
    before = pieces.count(event);
    piece += 1;
  }
  return { chunk_times_s: kept === times_s.length ? times_s : times_s.slice(0, kept), chunks };
}

/**
 * Whether the counts in the chunks are the tokens up to each of them. Some servers repeat the same count in all, or
 * tell the tokens of each chunk alone.
 */
function isRunning(pieces: Pieces, usage: Usage | null): boolean {
  if (usage === null || pieces.length === 0) return false;
  let first: number | null = null;
  let before = 0;
  for (let event = 0; event < pieces.events; event += 1) {
    if (!pieces.isPiece(event)) continue;
    const count = pieces.count(event);
    if (count === null || count < before || (count === 0 && pieces.hasText(event))) return false;
    first ??= count;
    before = count;
  }
  const hasGrown = pieces.length === 1 || before > first!;
  return hasGrown && Math.abs(usage.completion_tokens! - before) <= 1;
}
