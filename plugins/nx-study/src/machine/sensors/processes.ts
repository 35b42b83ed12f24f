import { readFileSync } from 'node:fs';
import { endianness } from 'node:os';
import { join } from 'node:path';
import { orNull } from '../../base/errno.ts';
import { listPids, readUsage } from '../process.ts';
import type { ProcessUsage } from '../process.ts';

/** All processes that this one can see; Linux only, else none. */
export function processTable(proc = '/proc'): ProcessUsage[] {
  const pids = orNull(() => listPids(proc)) ?? [];
  return pids.flatMap((pid) => readUsage(pid, proc) ?? []);
}

const AT_PAGESZ = 6n;
const USUAL_PAGE_BYTES = 4096;

/** Some ARM machines have pages of 16 or 64 KiB; the auxiliary vector of each process contains the size. */
export function pageBytes(proc = '/proc'): number {
  const vector = orNull(() => readFileSync(join(proc, 'self/auxv')));
  if (vector === null || endianness() !== 'LE') return USUAL_PAGE_BYTES;
  for (let at = 0; at + 16 <= vector.length; at += 16)
    if (vector.readBigUInt64LE(at) === AT_PAGESZ) return Number(vector.readBigUInt64LE(at + 8));
  return USUAL_PAGE_BYTES;
}
