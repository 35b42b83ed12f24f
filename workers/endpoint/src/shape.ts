import { isDeepStrictEqual } from 'node:util';
import { readChunk } from './chunk.ts';
import type { Finding } from './finding.ts';

/** What most events of a server have in common: all their bytes but a few values. */
export interface Shape {
  /**
   * Where the event ends that begins there, whole and of this shape; -1 for any other. `found` is then what it says, as `readChunk`
   * would, but for a text that is not kept: it is the one of the event which the shape was learned from.
   */
  endOf(bytes: Buffer, from: number, to: number, keepsText: boolean): number;
  /** Overwritten by the next event. */
  found: Finding;
}

/** An event of one line, with the empty line that ends it. */
const EVENT = /^data: ?(\{[^\r\n]*)(?:\n\n|\r\n\r\n)/;

/** What differs from event to event, or from answer to answer. A text that is empty, or has an escape in it, means something of its own. */
const VALUES = {
  text: /(?<="(?:content|text|reasoning|reasoning_content)": ?")[^"\\]+(?=")/g,
  id: /(?<="id": ?")[^"\\]+(?=")/g,
  created: /(?<="created": ?)\d+/g,
  prompt_tokens: /(?<="prompt_tokens": ?)\d+/g,
  completion_tokens: /(?<="completion_tokens": ?)\d+/g,
  total_tokens: /(?<="total_tokens": ?)\d+/g,
};
type Name = keyof typeof VALUES;

const OTHER: Record<Name, string> = {
  text: 'x',
  id: 'y',
  created: '1',
  prompt_tokens: '1234567',
  completion_tokens: '7654321',
  total_tokens: '8888888',
};

/**
 * The shape of the event with which a piece of a stream begins: an event that differs from it in these values alone is read without
 * parsing it. null where it isn't certain that these values, and nothing else of the event, tell the piece of the answer.
 */
export function shapeOf(piece: string): Shape | null {
  const [event, data] = EVENT.exec(piece) ?? [];
  if (event === undefined || data === undefined) return null;
  const found = readChunk(data);
  const { text, error, usage, finish_reason, number } = found;
  if (!text || error !== null || finish_reason !== null || number !== null) return null;
  const places = Object.keys(VALUES)
    .flatMap((name) => placesOf(event, name as Name))
    .toSorted((a, b) => a.from - b.from);
  const names = places.map(({ name }) => name);
  if (new Set(names).size < names.length || !names.includes('text')) return null;
  if (usage !== null && !(names.includes('completion_tokens') && names.includes('prompt_tokens'))) return null;
  const ends = [...places.map(({ from }) => from), event.length];
  const fixed = ends.map((end, index) => event.slice(places[index - 1]?.to ?? 0, end));
  return isTold(fixed, names, found) ? shapeOfParts(fixed, names, found) : null;
}

const placesOf = (event: string, name: Name): { name: Name; from: number; to: number }[] =>
  [...event.matchAll(VALUES[name])].map(({ index, 0: value }) => ({ name, from: index, to: index + value.length }));

/** Whether the event says just the other values where these are in it. */
function isTold(fixed: readonly string[], names: readonly Name[], found: Finding): boolean {
  const other = fixed.map((text, index) => text + (index < names.length ? OTHER[names[index]!] : ''));
  const [, data = ''] = EVENT.exec(other.join(''))!;
  const usage = found.usage && {
    ...found.usage,
    prompt_tokens: Number(OTHER.prompt_tokens),
    completion_tokens: Number(OTHER.completion_tokens),
  };
  return isDeepStrictEqual(readChunk(data), { ...found, text: OTHER.text, usage });
}

function shapeOfParts(fixed: readonly string[], names: readonly Name[], said: Finding): Shape {
  const texts = fixed.map((text) => Buffer.from(text));
  const isString = names.map((name) => name === 'text' || name === 'id');
  const [textAt, promptAt, countAt] = (['text', 'prompt_tokens', 'completion_tokens'] as const).map((name) =>
    names.indexOf(name),
  ) as [number, number, number];
  const froms = names.map(() => 0);
  const tos = names.map(() => 0);
  const usage = said.usage && { ...said.usage };
  const found = { ...said, usage };
  const number = (index: number, bytes: Buffer) => numberAt(bytes, froms[index]!, tos[index]!);
  return {
    found,
    endOf(bytes, from, to, keepsText) {
      let at = from;
      for (let index = 0; index < texts.length; index += 1) {
        at = skipText(texts[index]!, bytes, at, to);
        if (at === -1) return -1;
        if (index === names.length) break;
        froms[index] = at;
        at = isString[index]! ? skipString(bytes, at, to) : skipNumber(bytes, at, to);
        if (at === -1) return -1;
        tos[index] = at;
      }
      if (keepsText) found.text = bytes.toString('utf8', froms[textAt], tos[textAt]);
      if (usage !== null) {
        usage.prompt_tokens = number(promptAt, bytes);
        usage.completion_tokens = number(countAt, bytes);
      }
      return at;
    },
  };
}

const [QUOTE, BACKSLASH, SPACE, ZERO, NINE] = [0x22, 0x5c, 0x20, 0x30, 0x39];
// Up to so many bytes a comparison of one after the other is faster than a call into native code.
const SHORT = 24;
// More may not be exact.
const MOST_DIGITS = 15;

/** Each of these says where what it skips ends; -1 where it doesn't stand there. */
function skipText(text: Buffer, bytes: Buffer, from: number, to: number): number {
  const end = from + text.length;
  if (end > to) return -1;
  if (text.length > SHORT) return bytes.compare(text, 0, text.length, from, end) === 0 ? end : -1;
  for (let at = from, index = 0; at < end; at += 1, index += 1) if (bytes[at] !== text[index]) return -1;
  return end;
}

/** Up to the quotation mark. */
function skipString(bytes: Buffer, from: number, to: number): number {
  for (let at = from; at < to; at += 1) {
    const byte = bytes[at]!;
    if (byte === QUOTE) return at === from ? -1 : at;
    if (byte === BACKSLASH || byte < SPACE) return -1;
  }
  return -1;
}

function skipNumber(bytes: Buffer, from: number, to: number): number {
  let at = from;
  while (at < to && bytes[at]! >= ZERO && bytes[at]! <= NINE) at += 1;
  const digits = at - from;
  return digits === 0 || digits > MOST_DIGITS || (digits > 1 && bytes[from] === ZERO) ? -1 : at;
}

function numberAt(bytes: Buffer, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at += 1) value = 10 * value + (bytes[at]! - ZERO);
  return value;
}
