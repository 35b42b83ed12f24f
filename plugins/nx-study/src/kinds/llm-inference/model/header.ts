import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { modelTexts } from './texts.ts';
import { ModelError } from './error.ts';

/** The beginning of a file, read in order; skipped parts are not read. */
export interface Header {
  path: string;
  /** Of the whole file, bytes. */
  size: number;
  position(): number;
  /** The next bytes; valid until the next call. @throws ModelError beyond the file's end, or the header's limit. */
  take(bytes: number): Buffer;
  skip(bytes: number): void;
}

// Chosen: a tokenizer of 250,000 words takes 10 MB, so anything far larger is no header.
const MOST_BYTES = 64 * 2 ** 20;
const WINDOW_BYTES = 64 * 1024;

/** Opens a file for the time of `read`. */
export function withHeader<T>(path: string, read: (header: Header) => T): T {
  const fd = openSync(path, 'r');
  try {
    return read(headerOf(fd, path));
  } finally {
    closeSync(fd);
  }
}

function headerOf(fd: number, path: string): Header {
  const { size } = fstatSync(fd);
  let window = Buffer.alloc(0);
  let start = 0;
  let at = 0;

  const check = (bytes: number) => {
    if (at + bytes > size) throw new ModelError(modelTexts.truncated(path, size));
    if (at + bytes > MOST_BYTES) throw new ModelError(modelTexts.tooLong(path, MOST_BYTES));
  };
  const fill = (bytes: number) => {
    window = Buffer.alloc(Math.min(Math.max(bytes, WINDOW_BYTES), size - at));
    start = at;
    for (let done = 0; done < window.length;) {
      const read = readSync(fd, window, done, window.length - done, start + done);
      if (read === 0) throw new ModelError(modelTexts.truncated(path, size));
      done += read;
    }
  };
  return {
    path,
    size,
    position: () => at,
    take(bytes) {
      check(bytes);
      if (at < start || at + bytes > start + window.length) fill(bytes);
      const from = at - start;
      at += bytes;
      return window.subarray(from, from + bytes);
    },
    skip(bytes) {
      check(bytes);
      at += bytes;
    },
  };
}
