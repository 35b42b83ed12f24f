import { closeSync, constants, fstatSync, ftruncateSync } from 'node:fs';
import { openRegularSync, readSome, statsOf } from '../../machine/regular-file.ts';
import { tried } from '../../base/errno.ts';
import { eventSchema } from '../../worker/events.ts';
import type { WorkerEvent } from '../../worker/events.ts';

// A worker that floods its events, or writes one endless line, must take neither our time nor our memory.
const LONGEST_LINE_BYTES = 1 << 20;
const MOST_BYTES_A_CALL = 4 << 20;
const BUFFER_BYTES = 1 << 16;
// A night of heartbeats is some MB. What its end brings beyond this is a flood, or holes without an end.
const MOST_BYTES_AT_THE_END = 64 << 20;

type OnEvent = (event: WorkerEvent) => void;

/** Reads what a worker appends to its events file, line by line. */
export interface EventReader {
  /** Passes on what came since the last call; of a flood only a part. */
  readNew(onEvent: OnEvent): Promise<void>;
  /** Passes on all the rest, also a last line without an end, once nobody writes any more; of a flood only the begin, which alone is kept. */
  readAll(onEvent: OnEvent): Promise<void>;
  /** Bytes that `readAll` left unread. */
  unread(): number;
  /** Lines that were no valid event. */
  malformed(): number;
  close(): void;
}

export function readEvents(path: string, mostAtTheEnd = MOST_BYTES_AT_THE_END): EventReader {
  let fd: number | null = null;
  let position = 0;
  let rest = Buffer.alloc(0);
  let malformed = 0;
  let unread = 0;
  let buffer = Buffer.alloc(0);

  const pass = (line: string, onEvent: OnEvent) => {
    if (line.trim() === '') return;
    const event = parse(line);
    if (event) onEvent(event);
    else malformed += 1;
  };

  /** Reads up to so many bytes; false at the end of the file. */
  const read = async (limit: number, onEvent: OnEvent): Promise<boolean> => {
    // Only a regular file has events.
    if (fd === null) fd = opened(path);
    if (fd === null) return false;
    if (buffer.length === 0) buffer = Buffer.allocUnsafe(BUFFER_BYTES);
    for (const end = position + limit; position < end;) {
      const { bytesRead } = await readSome(fd, buffer, 0, Math.min(buffer.length, end - position), position);
      if (bytesRead === 0) return false;
      position += bytesRead;
      const lines = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
      const last = lines.lastIndexOf('\n');
      rest = Buffer.from(lines.subarray(last + 1));
      if (rest.length > LONGEST_LINE_BYTES) {
        rest = Buffer.alloc(0);
        malformed += 1;
      }
      if (last !== -1) for (const line of lines.toString('utf8', 0, last).split('\n')) pass(line, onEvent);
    }
    return true;
  };

  return {
    async readNew(onEvent) {
      await read(MOST_BYTES_A_CALL, onEvent);
    },
    async readAll(onEvent) {
      await read(mostAtTheEnd, onEvent);
      unread = fd === null ? 0 : Math.max(0, fstatSync(fd).size - position);
      // Nx would copy it into its cache, holes and all.
      if (unread > 0) tried(() => cut(path, position));
      pass(rest.toString('utf8'), onEvent);
      rest = Buffer.alloc(0);
    },
    unread: () => unread,
    malformed: () => malformed,
    close() {
      if (fd !== null) closeSync(fd);
      fd = null;
    },
  };
}

/** Null where there is no file yet, or none that may be read. */
const opened = (path: string): number | null => (statsOf(path) === null ? null : tried(() => openRegularSync(path)));

function cut(path: string, length: number): void {
  const fd = openRegularSync(path, constants.O_RDWR);
  try {
    ftruncateSync(fd, length);
  } finally {
    closeSync(fd);
  }
}

function parse(line: string): WorkerEvent | null {
  try {
    return eventSchema.parse(JSON.parse(line));
  } catch {
    return null;
  }
}
