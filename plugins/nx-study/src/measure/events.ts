import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { eventSchema } from '../worker/events.ts';
import type { WorkerEvent } from '../worker/events.ts';

// A worker that writes one endless line must not fill our memory.
const LONGEST_LINE_BYTES = 1 << 20;

/** Reads what a worker appends to its events file, line by line. */
export interface EventReader {
  /** The events since the last call. */
  read(): Promise<WorkerEvent[]>;
  /** Lines that were no valid event. */
  malformed(): number;
  close(): Promise<void>;
}

export function readEvents(path: string): EventReader {
  let handle: FileHandle | null = null;
  let position = 0;
  let rest = Buffer.alloc(0);
  let malformed = 0;
  let buffer = Buffer.alloc(0);

  const parse = (line: string): WorkerEvent | null => {
    try {
      return eventSchema.parse(JSON.parse(line));
    } catch {
      malformed += 1;
      return null;
    }
  };

  return {
    async read() {
      handle ??= await open(path, 'r').catch(() => null);
      if (!handle) return [];
      if (buffer.length === 0) buffer = Buffer.allocUnsafe(1 << 16);
      const events: WorkerEvent[] = [];
      for (;;) {
        const { bytesRead } = await handle.read(buffer, 0, buffer.length, position);
        if (bytesRead === 0) return events;
        position += bytesRead;
        const lines = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
        const end = lines.lastIndexOf('\n');
        rest = end === -1 ? lines : Buffer.from(lines.subarray(end + 1));
        if (rest.length > LONGEST_LINE_BYTES) {
          rest = Buffer.alloc(0);
          malformed += 1;
        }
        if (end === -1) continue;
        for (const line of lines.toString('utf8', 0, end).split('\n')) {
          const event = line.trim() === '' ? null : parse(line);
          if (event) events.push(event);
        }
      }
    },
    malformed: () => malformed,
    async close() {
      await handle?.close();
      handle = null;
    },
  };
}
