import type { Agent, IncomingMessage } from 'node:http';
import { StringDecoder } from 'node:string_decoder';
import { answerReader, TRUNCATED } from './answer.ts';
import type { Answer } from './answer.ts';
import { errorIn, isObject, parseJson } from './error.ts';
import type { RequestError } from './error.ts';
import { eventReader } from './sse.ts';

export interface Receiver {
  url: URL;
  agent: Agent;
  /** A time of `performance` in s after the start of the request. */
  since(time_ms: number): number;
  settle(error: RequestError | null, answer: Answer | null, whenFree?: WhenFree): void;
  failed(error: NodeJS.ErrnoException): void;
}

/** Calls back when the connection can serve the next request, or when there is no waiting for that. */
export type WhenFree = (then: () => void) => void;

/** Reads a response to its end. What it returns tells what came so far. */
export function receive(response: IncomingMessage, to: Receiver): { answer(): Answer | null } {
  const status = response.statusCode ?? 0;
  const type = response.headers['content-type'] ?? 'no content type';
  response.on('error', to.failed);
  const encoding = response.headers['content-encoding'] ?? 'identity';
  if (status === 200 && encoding !== 'identity') {
    to.settle(
      { type: 'protocol', message: `the answer is compressed (${encoding}), which was not asked for`, status: null },
      null,
    );
    return { answer: () => null };
  }
  if (status === 200 && /^\s*text\/event-stream\s*(;|$)/i.test(type)) return receiveStream(response, to);
  let text = '';
  const decoder = new StringDecoder('utf8');
  response.on('data', (part: Buffer) => (text = (text + decoder.write(part)).slice(0, MOST_OF_AN_ERROR)));
  response.on('end', () =>
    to.settle(status === 200 ? noStream(type, text) : refused(response, status, to.url, text.trim()), null),
  );
  return { answer: () => null };
}

const MOST_OF_AN_ERROR = 2000;

function noStream(type: string, text: string): RequestError {
  const body = parseJson(text);
  const error = isObject(body) ? errorIn(body) : null;
  return error === null
    ? { type: 'protocol', message: `no stream of events but ${type}: ${text}`, status: null }
    : { type: 'server', message: error, status: null };
}

function refused({ headers }: IncomingMessage, status: number, url: URL, text: string): RequestError {
  const address = `${url.origin}${url.pathname}`;
  const told = text === '' ? '' : `: ${text}`;
  const { location } = headers;
  if (status >= 300 && status < 400 && location !== undefined)
    return {
      type: 'http-status',
      message: `HTTP ${status}: ${address} sends its callers to ${placeOf(location, url)}; requests don't follow, so give that address as \`url\``,
      status,
    };
  if (status === 404 || status === 405)
    return { type: 'http-status', message: `HTTP ${status} at ${address}${told}`, status };
  return { type: 'http-status', message: `HTTP ${status}${told || ': '}`, status };
}

/** Where a redirect leads, without what may be a secret in its query. */
function placeOf(location: string, base: URL): string {
  if (!URL.canParse(location, base.href)) return 'an address that is none';
  const { origin, pathname } = new URL(location, base);
  return `${origin}${pathname}`;
}

function receiveStream(response: IncomingMessage, to: Receiver): { answer(): Answer } {
  const decoder = new StringDecoder('utf8');
  const reader = answerReader();
  let isOver = false;
  const over = (error: RequestError | null = null) => {
    isOver = true;
    to.settle(error, reader.answer(), (then) => afterRest(response, to.agent, then));
  };
  const events = eventReader((event) => {
    if (!isOver && reader.take(event)) over();
  });
  response.on('data', (part: Buffer) => {
    // One reading of the clock for all that came together, before any of it is looked at.
    const time_s = to.since(performance.now());
    if (isOver) return;
    try {
      events.feed(decoder.write(part), time_s);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      over({ type: 'protocol', message: error.message, status: null });
    }
  });
  response.on('end', () => {
    if (isOver) return;
    events.end();
    if (!isOver) over(reader.hasFinish() ? null : TRUNCATED);
  });
  return { answer: reader.answer };
}

const GRACE_MS = 20;
const DRAIN_MS = 1000;
const MOST_MISSES = 3;
const misses = new WeakMap<Agent, number>();

/**
 * Calls back when the rest of an answer that is over has come, so that its connection can serve the next request. A
 * server that leaves it open is not waited for, and after a few such answers not at all.
 */
function afterRest(response: IncomingMessage, agent: Agent, then: () => void): void {
  if (response.readableEnded) return then();
  const begin = performance.now();
  const isHopeless = (misses.get(agent) ?? 0) >= MOST_MISSES;
  const missed = () => {
    misses.set(agent, (misses.get(agent) ?? 0) + 1);
    then();
  };
  // What came with the last event is handled before either of them.
  const [grace, turn] = isHopeless ? [null, setImmediate(then)] : [setTimeout(missed, GRACE_MS), null];
  const drain = setTimeout(() => response.destroy(), DRAIN_MS).unref();
  response.once('close', () => {
    if (grace) clearTimeout(grace);
    if (turn) clearImmediate(turn);
    clearTimeout(drain);
    if (response.complete && performance.now() - begin < GRACE_MS) misses.delete(agent);
    then();
  });
}
