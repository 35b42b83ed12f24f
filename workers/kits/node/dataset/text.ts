import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { Unsupported } from '../errors.ts';

const LINE_FEED = 0x0a;

/**
 * The text of a file, without a byte order mark. `setting` is the one that names it.
 *
 * @throws Unsupported for a file that can't be read, and with file and line of what is not UTF-8: a character in its place would be another prompt.
 */
export function textOf(path: string, setting: string): string {
  const bytes = bytesOf(path, setting);
  if (!isUtf8(bytes))
    throw new Unsupported(
      `${setting}: ${basename(path)}, line ${strangeLine(bytes)} is not UTF-8: save the file as UTF-8`,
    );
  return bytes.toString('utf8').replace(/^\uFEFF/, '');
}

function bytesOf(path: string, setting: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new Unsupported(`${setting}: ${path} is not a readable text (${(cause as Error).message})`, { cause });
  }
}

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
