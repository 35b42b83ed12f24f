import { isOfClosed } from './error.ts';

/** How a server may be asked. */
export interface Access {
  headers: Record<string, string>;
  /** Values that must be in nothing that is kept. */
  secrets: readonly string[];
}

const PATIENCE_MS = 5000;
const MOST_CHARACTERS = 4e6;
// Questions that were asked at once left as many connections, and the server may have closed each of them since.
const TIMES_ASKED = 5;

/** Where the server's own paths begin: behind a gateway it may have one of its own. */
export function rootOf(url: URL): URL {
  return new URL(apiRootOf(url).replace(/v1\/$/, ''), url);
}

/** The path of the list of models, beside the API that generates. */
export const modelsPathOf = (url: URL): string => `${apiRootOf(url)}models`;

const apiRootOf = ({ pathname }: URL): string =>
  pathname.replace(/(chat\/completions|completions|responses|embeddings)$/, '');

/** A path of the server, from its root or without a slash from where its own paths begin, or a whole URL, which has its own query. */
export function addressAt(path: string, url: URL): URL {
  if (/^https?:\/\//.test(path)) return new URL(path);
  const address = new URL(path, rootOf(url));
  address.search = url.search;
  return address;
}

/**
 * What the server answers to a GET; null when that is nothing good, or without an end. A redirect is not followed, for the
 * headers have secrets. The query of `url` is kept. Never rejects.
 */
export async function ask(path: string, url: URL, headers: Record<string, string>): Promise<string | null> {
  return (await askAt(addressAt(path, url), headers)).text;
}

/** The same, with the reason where there is no text. */
export async function askAt(address: URL, headers: Record<string, string>): Promise<Answer> {
  for (let times = 1; ; times += 1) {
    const answer = await askOnce(address, headers);
    if (answer.text !== null || !isOfClosed(answer.code) || times === TIMES_ASKED) return answer;
  }
}

type Answer = { text: string } | { text: null; reason: string; code?: string };

async function askOnce(address: URL, headers: Record<string, string>): Promise<Answer> {
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const response = await fetch(address, { headers, signal, redirect: 'manual' });
    if (!response.ok || response.body === null) {
      await response.body?.cancel();
      return { text: null, reason: `it answered with HTTP ${response.status}` };
    }
    let text = '';
    const decoder = new TextDecoder();
    for await (const part of response.body) {
      text += decoder.decode(part, { stream: true });
      if (text.length > MOST_CHARACTERS) return { text: null, reason: 'its answer has no end' };
    }
    return { text };
  } catch (error) {
    const { message, cause } = error as Error;
    if (!(cause instanceof Error)) return { text: null, reason: message };
    return { text: null, reason: cause.message, ...('code' in cause && { code: String(cause.code) }) };
  }
}
