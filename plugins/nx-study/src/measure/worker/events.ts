import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { openRegular } from '../../machine/regular-file.ts';
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
  close(): Promise<void>;
}

export function readEvents(path: string, mostAtTheEnd = MOST_BYTES_AT_THE_END): EventReader {
  let handle: FileHandle | null = null;
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
    handle ??= await openRegular(path).catch(() => null);
    if (!handle) return false;
    if (buffer.length === 0) buffer = Buffer.allocUnsafe(BUFFER_BYTES);
    for (const end = position + limit; position < end;) {
      const { bytesRead } = await handle.read(buffer, 0, Math.min(buffer.length, end - position), position);
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
      unread = Math.max(0, ((await handle?.stat())?.size ?? 0) - position);
      // Nx would copy it into its cache, holes and all.
      if (unread > 0) await cut(path, position).catch(() => {});
      pass(rest.toString('utf8'), onEvent);
      rest = Buffer.alloc(0);
    },
    unread: () => unread,
    malformed: () => malformed,
    async close() {
      await handle?.close();
      handle = null;
    },
  };
}

async function cut(path: string, length: number): Promise<void> {
  const handle = await openRegular(path, constants.O_RDWR);
  try {
    await handle.truncate(length);
  } finally {
    await handle.close();
  }
}

function parse(line: string): WorkerEvent | null {
  try {
    return eventSchema.parse(JSON.parse(line));
  } catch {
    return null;
  }
}
