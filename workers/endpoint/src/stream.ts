import type { Answer } from './answer.ts';
import { connectionError, hidden, isOfClosed } from './error.ts';
import type { RequestError } from './error.ts';
import type { Connection, User } from './http/connection.ts';
import { endOf, headOf, keptFor, secondsOf } from './http/head.ts';
import type { Pool } from './http/pool.ts';
import { FramingError, responseReader } from './http/response.ts';
import type { Head, ResponseEvents } from './http/response.ts';
import { whenOver } from './http/rest.ts';
import type { Rest } from './http/rest.ts';
import { receive } from './receive.ts';
import type { Receiving } from './receive.ts';

export type { RequestError } from './error.ts';

/** One request and its answer; times after the start in s. */
export interface Reply extends Answer {
  /** On the clock of this process, which begins with it. */
  start_s: number;
  /** The last chunk with tokens; when nothing came with any, as `done_s`. null after an error. */
  end_s: number | null;
  /** When it was over for the client: at `[DONE]`, or else the end of the response, or an error. */
  done_s: number;
  /** Header `server` of the answer. */
  server: string | null;
  /** For how long the server asks not to come again; null when it doesn't. */
  retry_after_s: number | null;
  /** The connection was open before: no time went into making it. */
  connection_reused: boolean;
  /** How long opening its connection took, within its time to the first token; null when it was open before, or never was. */
  connect_s: number | null;
  /** How often it was sent before on connections that the server closed at that moment. */
  sent_again: number;
}

export interface Target {
  url: URL;
  /** It answers with these; left out: with a stream. */
  answers?: 'embeddings';
  headers: Record<string, string>;
  pool: Pool;
  timeout_s: number;
  /** Texts of answers are needed: otherwise a reply has none. */
  keepsText: boolean;
  /** Values that must not be recorded, wherever a server repeats them. */
  secrets?: string[];
}

/**
 * Sends a body that asks for a stream, and notes when each piece of text arrives; of embeddings, when all are there. Never rejects.
 * @param signal - breaks it off, as an error of type `broken-off`.
 */
export async function streamRequest(target: Target, body: string, signal?: AbortSignal): Promise<Reply> {
  for (let sent_again = 0; ; sent_again += 1) {
    const reply = await new Exchange(target).send(body, signal);
    if (reply !== 'stale-connection') return { ...reply, sent_again };
  }
}

/** Longer than a way to a server and back. */
const STALE_MS = 250;

/** One request on one connection. */
class Exchange implements User, ResponseEvents, Rest {
  readonly #target: Target;
  readonly #begin_ms = performance.now();
  readonly #reply = emptyReply(this.#begin_ms / 1000);
  readonly #connection: Connection;
  readonly #response = responseReader(this);
  #reading: Receiving | null = null;
  #arrived_ms = 0;
  /** Its connection serves no answer to it any more. */
  #isGone = false;
  #resolve: ((reply: Reply | 'stale-connection') => void) | null = null;
  #timer: NodeJS.Timeout | null = null;
  #signal: AbortSignal | undefined;
  readonly #breakOff = () => this.#settle(BROKEN_OFF, this.#answer());
  onOver: (() => void) | null = null;

  constructor(target: Target) {
    this.#target = target;
    this.#connection = target.pool.take();
    this.#reply.connection_reused = this.#connection.opened_ms !== null;
    this.#connection.user = this;
  }

  send(body: string, signal?: AbortSignal): Promise<Reply | 'stale-connection'> {
    const { url, headers, timeout_s } = this.#target;
    return new Promise((resolve) => {
      this.#resolve = resolve;
      this.#timer = setTimeout(() => this.#onTimeout(timeout_s), timeout_s * 1000);
      this.#signal = signal;
      signal?.addEventListener('abort', this.#breakOff);
      if (signal?.aborted) this.#breakOff();
      else this.#connection.socket.write(headOf(url, headers) + endOf(body) + body);
    });
  }

  data(bytes: Buffer, length: number, time_ms: number): void {
    const { socket } = this.#connection;
    this.#arrived_ms = time_ms;
    try {
      this.#response.feed(bytes, length);
    } catch (error) {
      if (!(error instanceof FramingError)) throw error;
      this.#settle({ type: 'protocol', message: error.message, status: null }, this.#answer());
      socket.destroy();
    }
    if (!this.#response.isOver() || this.#isGone || socket.destroyed) return;
    this.#isGone = true;
    if (this.#response.isReusable()) this.#target.pool.release(this.#connection);
    else socket.destroy();
    this.onOver?.();
  }

  head(head: Head): void {
    this.#reply.server = head.headers['server'] || null;
    this.#reply.retry_after_s = secondsOf(head.headers['retry-after']);
    this.#connection.keeps_ms = keptFor(head.headers['keep-alive']);
    const { url, pool, keepsText, answers } = this.#target;
    pool.noteUse(this.#connection, true);
    this.#reading = receive(head, {
      url,
      keepsText,
      ...(answers && { answers }),
      settle: (error, answer) => this.#settle(error, answer),
    });
  }

  body(bytes: Buffer, from: number, to: number): void {
    this.#reading?.body(bytes, from, to, this.#since(this.#arrived_ms));
  }

  end(): void {
    this.#reading?.end();
  }

  closed(error: NodeJS.ErrnoException | null): void {
    this.#isGone = true;
    // A server that closes it later had the request.
    const isStale = error === null || isOfClosed(error.code);
    const isEarly = this.#reading === null && performance.now() - this.#begin_ms < STALE_MS;
    if (this.#resolve !== null && this.#reply.connection_reused && isStale && isEarly) {
      this.#forget();
      this.#target.pool.noteUse(this.#connection, false);
      return this.#resolve('stale-connection');
    }
    if (error === null) this.#response.close();
    this.#settle(connectionError(error, this.#reading !== null), this.#answer());
    this.onOver?.();
  }

  /** Waits no more for the rest of a response whose answer is over. */
  close(): void {
    this.#connection.socket.destroy();
  }

  #since(time_ms: number): number {
    return (time_ms - this.#begin_ms) / 1000;
  }

  #answer(): Answer | null {
    return this.#reading?.answer() ?? null;
  }

  #onTimeout(timeout_s: number): void {
    const answer = this.#answer();
    // An answer with a finish reason is whole, though nobody said that it is over.
    const isWhole = answer !== null && answer.finish_reason !== null;
    this.#settle(isWhole ? null : { type: 'timeout', message: `no end within ${timeout_s} s`, status: null }, answer);
    this.#connection.socket.destroy();
  }

  /** Nobody waits for it any more. */
  #forget(): void {
    clearTimeout(this.#timer!);
    this.#signal?.removeEventListener('abort', this.#breakOff);
  }

  /** The answer is over, whatever the rest of its response; the first call counts. */
  #settle(error: RequestError | null, answer: Answer | null): void {
    const resolve = this.#resolve;
    if (resolve === null) return;
    this.#resolve = null;
    this.#forget();
    const [reply, { socket, opened_ms }] = [this.#reply, this.#connection];
    Object.assign(reply, answer);
    // To read so many numbers takes time of this client, not of the server.
    reply.done_s = this.#since(reply.embeddings === null ? performance.now() : this.#arrived_ms);
    if (!reply.connection_reused && opened_ms !== null) reply.connect_s = this.#since(opened_ms);
    reply.error = hidden(reply.error ?? error, this.#target);
    if (reply.error) {
      socket.destroy();
      return resolve(reply);
    }
    reply.end_s = reply.chunk_times_s.at(-1) ?? reply.done_s;
    if (this.#isGone || this.#response.isOver()) return resolve(reply);
    return whenOver(this.#target.pool, this, () => resolve(reply));
  }
}

const BROKEN_OFF: RequestError = {
  type: 'broken-off',
  message: 'the client needed its answer no more',
  status: null,
};

const emptyReply = (start_s: number): Reply => ({
  start_s,
  chunk_times_s: new Float64Array(),
  chunks: [],
  first_text_s: null,
  first_chunk_tokens: null,
  end_s: null,
  done_s: 0,
  usage: null,
  usage_is_running: false,
  finish_reason: null,
  own_end_s: null,
  model: null,
  embeddings: null,
  server: null,
  retry_after_s: null,
  connection_reused: false,
  connect_s: null,
  sent_again: 0,
  error: null,
});
