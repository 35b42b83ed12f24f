import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { endingFindings } from '../errors/endings.ts';
import type { Finding } from '../record/schema.ts';

// Nx copies the log into its cache, and out of it again.
const LONGEST_BYTES = 32 << 20;
const HEAD_BYTES = 1 << 20;
const TAIL_BYTES = 7 << 20;

/** Shortens the log of an ended worker that flooded it to its begin and its end; a finding when it did. */
export async function shortenLog(directory: string): Promise<Finding | null> {
  const path = join(directory, 'worker.log');
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  if (size <= LONGEST_BYTES) return null;
  const left_out = size - HEAD_BYTES - TAIL_BYTES;
  const log = await open(path, 'r+');
  try {
    const { buffer: tail } = await log.read(Buffer.alloc(TAIL_BYTES), 0, TAIL_BYTES, size - TAIL_BYTES);
    // First freed, then written: it may have filled the disk.
    await log.truncate(HEAD_BYTES);
    await log.write(Buffer.concat([Buffer.from(`\n… ${left_out} bytes left out …\n`), tail]), 0, null, HEAD_BYTES);
  } finally {
    await log.close();
  }
  return endingFindings.shortenedLog(left_out);
}
