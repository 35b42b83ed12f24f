import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { AssetError, assetErrors } from './texts.ts';
import { errorCode } from '../base/errno.ts';
import { openHashes, remember } from './hashes.ts';
import { byteProgress } from './progress.ts';
import { stampOf } from './stamp.ts';
import type { FileStamp, Stamp } from './stamp.ts';
import { size } from '../base/size.ts';

export interface Listening {
  /** Called with a line for people whenever something takes a while. */
  onProgress?: (line: string) => void;
  signal?: AbortSignal;
}

export interface Hashed {
  sha256: string;
  stamp: Stamp;
}

// Making a link or changing rights changes a file's stamp and none of its bytes.
const MOST_READINGS = 3;

/**
 * The SHA-256 of a file or folder. A file whose hash is not remembered is read, and read again when its stamp changed
 * meanwhile.
 * @throws AssetError when it is gone, keeps changing or can't be read; the signal's reason when aborted.
 */
export async function hashPath(path: string, listening: Listening): Promise<Hashed> {
  let stamp = await stampOf(path);
  for (let reading = 0; stamp !== null; reading += 1) {
    const sha256 = await (await openHashes()).of(stamp);
    if (sha256 !== null) return { sha256, stamp };
    if (reading === MOST_READINGS) throw assetErrors.changing(path);
    await hashUnknown(path, stamp, listening);
    const now = await stampOf(path);
    // Something that grows or shrinks is not complete.
    if (now !== null && now.bytes !== stamp.bytes) throw assetErrors.changing(path);
    stamp = now;
  }
  throw assetErrors.gone(path);
}

async function hashUnknown(path: string, { files }: Stamp, { onProgress, signal }: Listening): Promise<void> {
  const hashes = await openHashes();
  const unknown = files.filter((file) => hashes.ofFile(file) === null);
  const total = unknown.reduce((sum, { bytes }) => sum + bytes, 0);
  const why = unknown.some((file) => hashes.knew(file))
    ? ' again, for its time stamps, links or contents changed'
    : ', once';
  onProgress?.(`hashing ${path} (${size(total)})${why}`);
  const count = byteProgress(`hashing ${path}`, total, onProgress);
  const found: { file: FileStamp; sha256: string }[] = [];
  try {
    for (const file of unknown) {
      const sha256 = await hashFile(file, count, signal);
      if (sha256 !== null) found.push({ file, sha256 });
    }
  } finally {
    // Files that were hashed before a stop need not be hashed again.
    if (found.length > 0) await remember(found);
  }
}

/** Whether hashing failed because of the file, and not by a defect of this program. */
export const isUnreadable = (error: unknown): boolean => error instanceof AssetError || errorCode(error) !== undefined;

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

/** null when the file's stamp moved while it was read. */
async function hashFile(file: FileStamp, count: (bytes: number) => void, signal?: AbortSignal): Promise<string | null> {
  const age = Date.now() - file.ctimeMs;
  if (age >= 0 && age < SETTLED_MS) await sleep(SETTLED_MS - age, undefined, signal ? { signal } : {});
  const sha256 = await hashContent(file.absolute, count, signal);
  const [now] = (await stampOf(file.absolute))?.files ?? [];
  return now?.stamp === file.stamp ? sha256 : null;
}
