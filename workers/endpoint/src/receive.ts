import { StringDecoder } from 'node:string_decoder';
import type { Answer } from './answer.ts';
import { errorIn, isObject, parseJson } from './error.ts';
import type { RequestError } from './error.ts';
import type { Head } from './http/response.ts';
import { readEmbeddings } from './embeddings.ts';
import { receiveStream } from './receive-stream.ts';
import type { Target } from './stream.ts';

export interface Receiver extends Pick<Target, 'url' | 'answers' | 'keepsText'> {
  /** The answer is over; later calls mean nothing. */
  settle(error: RequestError | null, answer: Answer | null): void;
}

/** Takes the body of a response. */
export interface Receiving {
  /** A piece of it, between two places, and when it arrived. */
  body(bytes: Buffer, from: number, to: number, time_s: number): void;
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
    body(bytes, from, to) {
      if (text.length < MOST_OF_AN_ERROR)
        text = (text + decoder.write(bytes.subarray(from, to))).slice(0, MOST_OF_AN_ERROR);
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
    body: (bytes, from, end) => void parts.push(Buffer.from(bytes.subarray(from, end))),
    end() {
      const { error, ...answer } = readEmbeddings(Buffer.concat(parts).toString('utf8'));
      to.settle(error, { ...answer, error });
    },
    answer: () => null,
  };
}
