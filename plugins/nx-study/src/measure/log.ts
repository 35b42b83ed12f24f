import { open, rename, stat } from 'node:fs/promises';
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
  const from = await open(path, 'r');
  const to = await open(`${path}.short`, 'w');
  try {
    const part = async (length: number, position: number) =>
      (await from.read(Buffer.alloc(length), 0, length, position)).buffer;
    await to.write(await part(HEAD_BYTES, 0));
    await to.write(`\n… ${left_out} bytes left out …\n`);
    await to.write(await part(TAIL_BYTES, size - TAIL_BYTES));
  } finally {
    await Promise.all([from.close(), to.close()]);
  }
  await rename(`${path}.short`, path);
  return endingFindings.shortenedLog(left_out);
}
