import { constants } from 'node:fs';
import { join } from 'node:path';
import { endingFindings } from './texts.ts';
import { openRegular, statsOf } from '../../machine/regular-file.ts';
import type { Finding } from '../../record/schema.ts';
import { reasonOf } from '../../base/reason.ts';

// Nx copies the log into its cache, and out of it again.
const LONGEST_BYTES = 32 << 20;
const HEAD_BYTES = 1 << 20;
const TAIL_BYTES = 7 << 20;

/** Shortens a very long log of an ended worker to its begin and its end, and returns a finding then. Never throws: it is only a log. */
export async function shortenLog(directory: string): Promise<Finding[]> {
  try {
    const left_out = await shorten(directory);
    return left_out === 0 ? [] : [endingFindings.shortenedLog(left_out)];
  } catch (error) {
    return [endingFindings.longLog(reasonOf(error))];
  }
}

async function shorten(directory: string): Promise<number> {
  const path = join(directory, 'worker.log');
  const found = statsOf(path);
  if (!found?.isFile() || found.size <= LONGEST_BYTES) return 0;
  const { size } = found;
  const left_out = size - HEAD_BYTES - TAIL_BYTES;
  const log = await openRegular(path, constants.O_RDWR);
  try {
    const { buffer: tail } = await log.read(Buffer.alloc(TAIL_BYTES), 0, TAIL_BYTES, size - TAIL_BYTES);
    // First freed, then written: it may have filled the disk.
    await log.truncate(HEAD_BYTES);
    await log.write(Buffer.concat([Buffer.from(`\n… ${left_out} bytes left out …\n`), tail]), 0, null, HEAD_BYTES);
  } finally {
    await log.close();
  }
  return left_out;
}
