import { join } from 'node:path';
import type { FileHandle } from 'node:fs/promises';
import { linesTexts as texts } from './texts.ts';
import type { Json, JsonObject } from '../base/json.ts';
import { visible } from '../base/visible.ts';
import { openRegular } from '../machine/regular-file.ts';
import type { Result } from '../worker/result.ts';
import { whyUnreadable } from './document.ts';

/**
 * A result whose long lists are in their places. A worker may write a list as a file of JSON lines that the result names among its
 * `files`; in its place in the payload stands `{lines, count}`, the file and how many lines it has. A document can't be longer than a
 * text in memory may be, a file can.
 *
 * @returns why a list can't be read, as text after "result.json".
 * @throws only errors that say nothing about a file: too many open files, no memory.
 */
export async function withLines(directory: string, result: Result): Promise<Result | string> {
  const named = new Set(result.files.flatMap(({ path }) => (path.endsWith('.jsonl') ? [path] : [])));
  if (named.size === 0) return result;
  let problem: string | null = null;
  const place = async (value: Json): Promise<Json> => {
    if (problem !== null || typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return inTurn(value, place);
    if (isReference(value) && named.has(value.lines)) {
      const list = await listOf(directory, value);
      if (typeof list === 'string') problem = list;
      return list;
    }
    const values = await inTurn(Object.values(value), place);
    return Object.fromEntries(Object.keys(value).map((key, index) => [key, values[index]!]));
  };
  const payload = (await place(result.payload)) as JsonObject;
  return problem ?? { ...result, payload };
}

interface Reference {
  lines: string;
  count: number;
}

const isReference = (value: JsonObject): value is JsonObject & Reference =>
  Object.keys(value).length === 2 && typeof value['lines'] === 'string' && typeof value['count'] === 'number';

async function inTurn(values: readonly Json[], work: (value: Json) => Promise<Json>): Promise<Json[]> {
  // Numbers have nothing in their place, and there are many.
  if (values.every((value) => typeof value !== 'object' || value === null)) return [...values];
  const done: Json[] = [];
  for (const value of values) done.push(await work(value));
  return done;
}

async function listOf(directory: string, { lines, count }: Reference): Promise<Json[] | string> {
  const list: Json[] = [];
  let handle: FileHandle | null = null;
  try {
    handle = await openRegular(join(directory, lines));
    for await (const line of linesIn(handle)) {
      list.push(JSON.parse(line.toString('utf8')) as Json);
      if (list.length > count) return texts.more(lines, count);
    }
  } catch (error) {
    if (error instanceof SyntaxError) return texts.noJson(lines, list.length + 1, visible(error.message));
    return texts.unreadable(lines, whyUnreadable(error));
  } finally {
    await handle?.close();
  }
  return list.length === count ? list : texts.fewer(lines, list.length, count);
}

const PIECE_BYTES = 1 << 20;
const LINE_FEED = 0x0a;

/** Only a line feed ends a line: other ends of lines may stand in a JSON text. */
async function* linesIn(handle: FileHandle): AsyncGenerator<Buffer> {
  const piece = Buffer.allocUnsafe(PIECE_BYTES);
  let begun: Buffer[] = [];
  for (;;) {
    const { bytesRead } = await handle.read(piece, 0, PIECE_BYTES);
    if (bytesRead === 0) break;
    let from = 0;
    for (let end = piece.indexOf(LINE_FEED); end !== -1 && end < bytesRead; end = piece.indexOf(LINE_FEED, from)) {
      yield Buffer.concat([...begun, piece.subarray(from, end)]);
      begun = [];
      from = end + 1;
    }
    begun.push(Buffer.from(piece.subarray(from, bytesRead)));
  }
  if (begun.some(({ length }) => length > 0)) yield Buffer.concat(begun);
}
