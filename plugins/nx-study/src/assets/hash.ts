import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { assetErrors } from '../errors/assets.ts';
import { openHashes, remember } from './hashes.ts';
import { byteProgress, size } from './progress.ts';
import { stampOf } from './stamp.ts';
import type { FileStamp, Stamp } from './stamp.ts';

export interface Listening {
  /** Called with a line for people whenever something takes a while. */
  onProgress?: (line: string) => void;
  signal?: AbortSignal;
}

export interface Hashed {
  sha256: string;
  stamp: Stamp;
}

/** The hash of a file or folder; what is not remembered is read. Rejects with an AssetError, or the signal's reason. */
export async function hashPath(path: string, { onProgress, signal }: Listening): Promise<Hashed> {
  const stamp = await stampOf(path);
  if (stamp === null) throw assetErrors.gone(path);
  const hashes = await openHashes();
  const unknown = stamp.files.filter((file) => hashes.ofFile(file) === null);
  if (unknown.length > 0) {
    const total = unknown.reduce((sum, { bytes }) => sum + bytes, 0);
    onProgress?.(`hashing ${path} (${size(total)}), once`);
    const count = byteProgress(`hashing ${path}`, total, onProgress);
    const found: { file: FileStamp; sha256: string }[] = [];
    try {
      for (const file of unknown) found.push({ file, sha256: await hashFile(file, count, signal) });
    } finally {
      // What was read before a stop need not be read again.
      if (found.length > 0) await remember(found);
    }
  }
  const sha256 = await (await openHashes()).of(stamp);
  if (sha256 === null) throw assetErrors.changing(path);
  return { sha256, stamp };
}

/** SHA-256 of a file's content, read in pieces. */
export async function hashContent(path: string, count: (bytes: number) => void, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  const stream = createReadStream(path, { highWaterMark: 1 << 20, ...(signal ? { signal } : {}) });
  try {
    for await (const chunk of stream) {
      hash.update(chunk as Uint8Array);
      count((chunk as Uint8Array).length);
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
  return hash.digest('hex');
}

// Within the clock's resolution a file could change once more and keep its stamp.
const SETTLED_MS = 2000;

async function hashFile(file: FileStamp, count: (bytes: number) => void, signal?: AbortSignal): Promise<string> {
  const age = Date.now() - file.ctimeMs;
  if (age >= 0 && age < SETTLED_MS) await sleep(SETTLED_MS - age, undefined, signal ? { signal } : {});
  const sha256 = await hashContent(file.absolute, count, signal);
  const [now] = (await stampOf(file.absolute))?.files ?? [];
  if (now?.stamp !== file.stamp) throw assetErrors.changing(file.absolute);
  return sha256;
}
