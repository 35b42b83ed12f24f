import http from 'node:http';
import https from 'node:https';
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { createParser as CreateParser } from 'eventsource-parser';
import { packageOf } from './packages.ts';
import { readChunk } from './chunk.ts';
import type { Finding, Usage } from './chunk.ts';

const { createParser } = packageOf('eventsource-parser') as { createParser: typeof CreateParser };

/** What went wrong with a request: data, not an exception. */
export interface RequestError {
  type: 'http-status' | 'timeout' | 'connection' | 'truncated' | 'protocol' | 'server';
  message: string;
  /** HTTP status; null when there was no answer, or a good one. */
  status: number | null;
}

/** One request and its answer; times after the start in s. */
export interface Reply {
  /** On the clock of this process, which begins with it. */
  start_s: number;
  chunk_times_s: number[];
  /** The text of each of these chunks. */
  chunks: string[];
  end_s: number | null;
  usage: Usage | null;
  finish_reason: string | null;
  /** The model's name in the answer. */
  model: string | null;
  /** Header `server` of the answer. */
  server: string | null;
  /** The connection was used before: no time went into making it. */
  connection_reused: boolean;
  error: RequestError | null;
}

export interface Target {
  url: URL;
  headers: Record<string, string>;
  agent: http.Agent;
  timeout_s: number;
}

/** Connections are kept, however many: making one is not the server's work. Node's fetch would give up by itself after 300 s. */
export function openAgent(url: URL): http.Agent {
  return new (url.protocol === 'https:' ? https : http).Agent({ keepAlive: true, maxFreeSockets: Infinity });
}

/** Sends a body that asks for a stream, and notes when each piece of text arrives. Never rejects. */
export async function streamRequest(target: Target, body: string): Promise<Reply> {
  for (;;) {
    const reply = await attempt(target, body);
    if (reply !== 'stale-connection') return reply;
  }
}

function attempt({ url, headers, agent, timeout_s }: Target, body: string): Promise<Reply | 'stale-connection'> {
  return new Promise((resolve) => {
    const begin = performance.now();
    const now = () => (performance.now() - begin) / 1000;
    const reply = emptyReply(begin / 1000);
    let answered = false;
    let settled = false;
    const settle = (error: RequestError | null) => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      reply.connection_reused = request.reusedSocket;
      reply.error ??= error;
      if (reply.error) reply.error.message = withoutKey(reply.error.message, headers);
      if (reply.error) request.destroy();
      else reply.end_s = now();
      resolve(reply);
    };
    const failed = (error: NodeJS.ErrnoException) => {
      // A server may close an idle connection at the very moment of its next use.
      if (!answered && request.reusedSocket && STALE.has(error.code ?? '')) {
        clearTimeout(timer);
        resolve('stale-connection');
      } else settle({ type: 'connection', message: error.message || String(error.code), status: null });
    };
    const options = { agent, method: 'POST', headers: { ...headers, 'content-length': Buffer.byteLength(body) } };
    const request: ClientRequest = (url.protocol === 'https:' ? https : http).request(url, options, (response) => {
      answered = true;
      reply.server = String(response.headers.server ?? '') || null;
      receive(response, reply, now, settle, failed);
    });
    request.on('error', failed);
    const timer = setTimeout(
      () => settle({ type: 'timeout', message: `no end within ${timeout_s} s`, status: null }),
      timeout_s * 1000,
    );
    request.end(body);
  });
}

/** A server may repeat the key in its answer; what went wrong is recorded. */
function withoutKey(text: string, { authorization }: Record<string, string>): string {
  const key = authorization?.replace(/^Bearer /, '');
  return key ? text.replaceAll(key, '…') : text;
}

function receive(
  response: IncomingMessage,
  reply: Reply,
  now: () => number,
  settle: (error: RequestError | null) => void,
  failed: (error: NodeJS.ErrnoException) => void,
): void {
  const status = response.statusCode ?? 0;
  const type = response.headers['content-type'] ?? 'no content type';
  response.setEncoding('utf8').on('error', failed);
  if (status !== 200 || !type.startsWith('text/event-stream')) {
    let text = '';
    response.on('data', (part: string) => (text = (text + part).slice(0, MOST_OF_AN_ERROR)));
    response.on('end', () =>
      settle(
        status === 200
          ? { type: 'protocol', message: `no stream of events but ${type}: ${text}`, status: null }
          : { type: 'http-status', message: `HTTP ${status}: ${text.trim()}`, status },
      ),
    );
    return;
  }
  let done = false;
  const parser = createParser({
    onEvent({ data }) {
      if (data === '[DONE]') done = true;
      else take(reply, readChunk(data), now());
    },
  });
  response.on('data', (part: string) => parser.feed(part));
  response.on('end', () => {
    const complete = done || reply.finish_reason !== null;
    settle(complete ? null : { type: 'truncated', message: 'the stream ended before the answer', status: null });
  });
}

const STALE = new Set(['ECONNRESET', 'EPIPE']);
const MOST_OF_AN_ERROR = 2000;

function take(reply: Reply, { text, usage, finish_reason, model, error }: Finding, time_s: number): void {
  if (text !== '') {
    reply.chunk_times_s.push(time_s);
    reply.chunks.push(text);
  }
  reply.usage = usage ?? reply.usage;
  reply.finish_reason = finish_reason ?? reply.finish_reason;
  reply.model = model ?? reply.model;
  reply.error ??= error;
}

const emptyReply = (start_s: number): Reply => ({
  start_s,
  chunk_times_s: [],
  chunks: [],
  end_s: null,
  usage: null,
  finish_reason: null,
  model: null,
  server: null,
  connection_reused: false,
  error: null,
});
