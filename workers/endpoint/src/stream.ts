import http from 'node:http';
import https from 'node:https';
import type { ClientRequest } from 'node:http';
import type { Answer } from './answer.ts';
import type { RequestError } from './error.ts';
import { redactor } from './redact.ts';
import { receive } from './receive.ts';
import type { WhenFree } from './receive.ts';

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
  /** The connection was used before: no time went into making it. */
  connection_reused: boolean;
  /** How often it was sent before on connections that the server closed at that moment. */
  sent_again: number;
}

export interface Target {
  url: URL;
  headers: Record<string, string>;
  agent: http.Agent;
  timeout_s: number;
  /** Values that must not be recorded, wherever a server repeats them. */
  secrets?: string[];
}

/** Connections are kept, however many: making one is not the server's work. Node's fetch would give up by itself after 300 s. */
export function openAgent(url: URL): http.Agent {
  return new (url.protocol === 'https:' ? https : http).Agent({ keepAlive: true, maxFreeSockets: Infinity });
}

/** Sends a body that asks for a stream, and notes when each piece of text arrives. Never rejects. */
export async function streamRequest(target: Target, body: string): Promise<Reply> {
  for (let sent_again = 0; ; sent_again += 1) {
    const reply = await attempt(target, body);
    if (reply !== 'stale-connection') return { ...reply, sent_again };
  }
}

function attempt(target: Target, body: string): Promise<Reply | 'stale-connection'> {
  const { url, headers, agent, timeout_s } = target;
  return new Promise((resolve) => {
    const begin = performance.now();
    const since = (time_ms: number) => (time_ms - begin) / 1000;
    const reply = emptyReply(begin / 1000);
    let answered = false;
    let settled = false;
    const settle = (error: RequestError | null, answer: Answer | null, whenFree = atOnce) => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      Object.assign(reply, answer);
      reply.done_s = since(performance.now());
      reply.connection_reused = request.reusedSocket;
      reply.error = hidden(reply.error ?? error, target);
      if (reply.error) request.destroy();
      else reply.end_s = reply.chunk_times_s.at(-1) ?? reply.done_s;
      if (reply.error) resolve(reply);
      else whenFree(() => resolve(reply));
    };
    const failed = (error: NodeJS.ErrnoException) => {
      // A server may close an idle connection at the very moment of its next use; one that does so later had the request.
      const isStale = STALE.has(error.code ?? '') && performance.now() - begin < STALE_MS;
      if (!answered && request.reusedSocket && isStale) {
        clearTimeout(timer);
        resolve('stale-connection');
      } else settle(connectionError(error), reading?.answer() ?? null);
    };
    let reading: ReturnType<typeof receive> | null = null;
    const options = { agent, method: 'POST', headers: { ...headers, 'content-length': Buffer.byteLength(body) } };
    const request: ClientRequest = (url.protocol === 'https:' ? https : http).request(url, options, (response) => {
      answered = true;
      reply.server = String(response.headers.server ?? '') || null;
      reply.retry_after_s = secondsOf(response.headers['retry-after']);
      reading = receive(response, { url, agent, since, settle, failed });
    });
    request.on('error', failed);
    const timer = setTimeout(() => {
      const answer = reading?.answer() ?? null;
      // An answer with a finish reason is whole, though nobody said that it is over.
      const isWhole = answer !== null && answer.finish_reason !== null;
      settle(isWhole ? null : { type: 'timeout', message: `no end within ${timeout_s} s`, status: null }, answer);
      request.destroy();
    }, timeout_s * 1000);
    request.end(body);
  });
}

const atOnce: WhenFree = (then) => then();

const STALE = new Set(['ECONNRESET', 'EPIPE']);
/** Longer than a way to a server and back. */
const STALE_MS = 250;

/** Where a name stands for several addresses, each of them has a reason of its own, and the error none. */
function connectionError(error: NodeJS.ErrnoException & { errors?: Error[] }): RequestError {
  const message = error.message || error.errors?.map((one) => one.message).join('; ') || String(error.code);
  return { type: 'connection', message, status: null, ...(error.code && { code: error.code }) };
}

/** A server may repeat a key in its answer; what went wrong is recorded. */
function hidden(error: RequestError | null, { headers, secrets = [] }: Target): RequestError | null {
  if (error === null) return null;
  const own = Object.entries(headers).flatMap(([name, value]) => (/^authorization$/i.test(name) ? [value] : []));
  return { ...error, message: redactor([...own, ...secrets])(error.message).slice(0, LONGEST_MESSAGE) };
}

const LONGEST_MESSAGE = 4000;

/** Of `Retry-After`; a date counts from now. */
function secondsOf(header: string | undefined): number | null {
  if (header === undefined) return null;
  const seconds = /^\d+$/.test(header) ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : null;
}

const emptyReply = (start_s: number): Reply => ({
  start_s,
  chunk_times_s: [],
  chunks: [],
  first_text_s: null,
  first_chunk_tokens: null,
  end_s: null,
  done_s: 0,
  usage: null,
  usage_is_running: false,
  finish_reason: null,
  model: null,
  server: null,
  retry_after_s: null,
  connection_reused: false,
  sent_again: 0,
  error: null,
});
