import { StringDecoder } from 'node:string_decoder';
import { answerReader, TRUNCATED } from './answer.ts';
import type { Answer } from './answer.ts';
import { errorIn, isObject, parseJson } from './error.ts';
import type { RequestError } from './error.ts';
import type { Head } from './http/response.ts';
import { readEmbeddings } from './embeddings.ts';
import { eventReader } from './sse.ts';
import type { Target } from './stream.ts';

export interface Receiver extends Pick<Target, 'url' | 'answers'> {
  /** The answer is over; later calls mean nothing. */
  settle(error: RequestError | null, answer: Answer | null): void;
}

/** Takes the body of a response. */
export interface Receiving {
  /** A piece of it, and when it arrived. */
  body(part: Buffer, time_s: number): void;
  end(): void;
  /** What came so far; null where it is no stream. */
  answer(): Answer | null;
}

/** Reads a response to its end. */
export function receive(head: Head, to: Receiver): Receiving {
  const { status, headers } = head;
  const type = headers['content-type'] || 'no content type';
  const encoding = headers['content-encoding'] ?? 'identity';
  if (status === 200 && encoding !== 'identity') {
    to.settle(
      { type: 'protocol', message: `the answer is compressed (${encoding}), which was not asked for`, status: null },
      null,
    );
    return { body() {}, end() {}, answer: () => null };
  }
  if (status === 200 && to.answers === 'embeddings') return receiveEmbeddings(to);
  if (status === 200 && /^\s*text\/event-stream\s*(;|$)/i.test(type)) return receiveStream(to);
  let text = '';
  const decoder = new StringDecoder('utf8');
  return {
    body(part) {
      if (text.length < MOST_OF_AN_ERROR) text = (text + decoder.write(part)).slice(0, MOST_OF_AN_ERROR);
    },
    end: () => to.settle(status === 200 ? noStream(type, text) : refused(head, to.url, text.trim()), null),
    answer: () => null,
  };
}

const MOST_OF_AN_ERROR = 2000;

function noStream(type: string, text: string): RequestError {
  const body = parseJson(text);
  const error = isObject(body) ? errorIn(body) : null;
  return error === null
    ? { type: 'protocol', message: `no stream of events but ${type}: ${text}`, status: null }
    : { type: 'server', message: error, status: null };
}

function refused({ status, headers }: Head, url: URL, text: string): RequestError {
  const address = `${url.origin}${url.pathname}`;
  const told = text === '' ? '' : `: ${text}`;
  const location = headers['location'];
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

function receiveEmbeddings(to: Receiver): Receiving {
  const parts: Buffer[] = [];
  return {
    body: (part) => void parts.push(part),
    end() {
      const { error, ...answer } = readEmbeddings(Buffer.concat(parts).toString('utf8'));
      to.settle(error, { ...answer, error });
    },
    answer: () => null,
  };
}

function receiveStream(to: Receiver): Receiving {
  const decoder = new StringDecoder('utf8');
  const reader = answerReader();
  let isOver = false;
  const over = (error: RequestError | null = null) => {
    isOver = true;
    to.settle(error, reader.answer());
  };
  const events = eventReader((event) => {
    if (!isOver && reader.take(event)) over();
  });
  return {
    body(part, time_s) {
      if (isOver) return;
      try {
        events.feed(decoder.write(part), time_s);
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        over({ type: 'protocol', message: error.message, status: null });
      }
    },
    end() {
      if (isOver) return;
      events.end();
      if (!isOver) over(reader.hasFinish() ? null : TRUNCATED);
    },
    answer: reader.answer,
  };
}
