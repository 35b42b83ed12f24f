import { closeSync, fstatSync, readSync } from 'node:fs';
import { openRegularSync } from '../machine/regular-file.ts';
import { isAbsence, whyUnreadable } from './document.ts';
import { readEntry } from './journal.ts';
import type { JournalEntry } from './journal.ts';

/** Follows a journal while others append to it. */
export interface JournalReader {
  read(): JournalNews;
}

/** The entries that were appended since the last call. */
export interface JournalNews {
  exists: boolean;
  /** The file was replaced since the last call: forget the entries of the old one. */
  restarted: boolean;
  entries: JournalEntry[];
  /** Lines that are no entries of this version: torn, or foreign. */
  unreadable: number;
  /** Why the file could not be read, after its name; null where it could, and where there is none. */
  problem: string | null;
}

// Only the end of a journal that grew for years is read.
const MOST_BYTES = 64 << 20;

/** Opens a journal for reading; it needn't exist yet. A last line without its end is read when it is complete. */
export function followJournal(file: string, mostBytes = MOST_BYTES): JournalReader {
  let position = 0;
  let inode: number | null = null;
  return {
    read() {
      let fd: number;
      try {
        fd = openRegularSync(file);
      } catch (error) {
        const restarted = inode !== null;
        inode = null;
        position = 0;
        const problem = isAbsence(error) ? null : whyUnreadable(error);
        return { exists: false, restarted, entries: [], unreadable: 0, problem };
      }
      try {
        const { ino, size } = fstatSync(fd);
        const restarted = inode !== null && (ino !== inode || size < position);
        if (ino !== inode || size < position) position = 0;
        inode = ino;
        const from = Math.max(position, size - mostBytes);
        const bytes = readRange(fd, from, size);
        // In the middle of a line, unless the one before has just ended.
        const start = from === position ? 0 : bytes.indexOf('\n') + 1;
        const isEndless = bytes.length >= mostBytes && !bytes.includes('\n');
        const end = isEndless ? bytes.length : bytes.lastIndexOf('\n') + 1;
        position = from + end;
        const parsed = isEndless
          ? { entries: [], unreadable: 1 }
          : parse(bytes.toString('utf8', start, Math.max(start, end)));
        return { exists: true, restarted, ...parsed, problem: null };
      } finally {
        closeSync(fd);
      }
    },
  };
}

export function readRange(fd: number, from: number, to: number): Buffer {
  const bytes = Buffer.allocUnsafe(Math.max(0, to - from));
  let filled = 0;
  while (filled < bytes.length) {
    const read = readSync(fd, bytes, filled, bytes.length - filled, from + filled);
    if (read === 0) break;
    filled += read;
  }
  return bytes.subarray(0, filled);
}

function parse(text: string): Pick<JournalNews, 'entries' | 'unreadable'> {
  const entries: JournalEntry[] = [];
  let unreadable = 0;
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const entry = entryOf(line);
    if (entry === null) unreadable += 1;
    else entries.push(entry);
  }
  return { entries, unreadable };
}

function entryOf(line: string): JournalEntry | null {
  try {
    return readEntry(JSON.parse(line) as object);
  } catch {
    return null;
  }
}
