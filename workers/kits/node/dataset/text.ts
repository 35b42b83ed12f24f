import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { InputProblem } from '../problem.ts';
import type { InputPlace } from '../problem.ts';

/** Where a text stands: a line of a file, or an entry of a list in it. */
export type Place = InputPlace & { file: string };

export interface Line {
  text: string;
  place: Place;
}

/** Lines of a text that have more than blanks. */
export function filledLines(text: string, of: Place): Line[] {
  return text
    .split(/\r?\n/)
    .flatMap((line, index) => (line.trim() === '' ? [] : [{ text: line, place: { ...of, line: index + 1 } }]));
}

/**
 * The text of a file, without a byte order mark.
 *
 * @throws InputProblem for a file that can't be read, and with the line of what is not UTF-8: a character in its place would be another prompt.
 */
export function textOf(of: Place): string {
  const bytes = bytesOf(of);
  if (isUtf8(bytes)) return bytes.toString('utf8').replace(/^\uFEFF/, '');
  throw new InputProblem('it is not UTF-8: save the file as UTF-8', { ...of, line: strangeLine(bytes) });
}

function bytesOf(of: Place): Buffer {
  try {
    return readFileSync(of.file);
  } catch (cause) {
    throw new InputProblem(`it can't be read (${(cause as Error).message})`, of, { cause });
  }
}

const LINE_FEED = 0x0a;

/** The first line that is not UTF-8. */
function strangeLine(bytes: Buffer): number {
  let at = 0;
  for (let number = 1; ; number += 1) {
    const found = bytes.indexOf(LINE_FEED, at);
    const end = found === -1 ? bytes.length : found;
    if (!isUtf8(bytes.subarray(at, end)) || found === -1) return number;
    at = end + 1;
  }
}
