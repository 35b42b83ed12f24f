import { closeSync, fstatSync, lstatSync, readSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { join } from 'node:path';
import { createSHA256 } from 'hash-wasm';
import { sha256 } from '../base/canonical.ts';
import { IrregularFile } from './texts.ts';
import { openRegularSync, readSome, SMALL_BYTES } from './regular-file.ts';

/** The SHA-256 and the length of a content. */
export interface ContentHash {
  /** 64 hex digits. */
  sha256: string;
  bytes: number;
}

/**
 * SHA-256 of a regular file, of which no more than a piece is held at a time. One that grows meanwhile counts as long as
 * it was at the beginning, so that it has an end.
 * @throws IrregularFile when it is anything but a regular file, or next to all of it is a hole; the system's own errors,
 * and the signal's reason.
 */
export async function hashRegular(path: string, signal?: AbortSignal): Promise<ContentHash> {
  signal?.throwIfAborted();
  const fd = openRegularSync(path);
  try {
    const stats = fstatSync(fd);
    if (isHole(stats)) throw new IrregularFile(path, holeText(stats.size), 'EFBIG');
    const { size } = stats;
    const piece = Buffer.allocUnsafe(Math.max(1, Math.min(size, PIECE_BYTES)));
    if (size <= PIECE_BYTES) {
      const bytesRead =
        size <= SMALL_BYTES ? readSync(fd, piece, 0, size, 0) : (await readSome(fd, piece, 0, size, 0)).bytesRead;
      // Making a hasher takes longer than hashing so little.
      if (bytesRead === size) return { sha256: (await sha256())(piece.subarray(0, size)), bytes: size };
    }
    const hasher = (await createSHA256()).init();
    let bytes = 0;
    while (bytes < size) {
      signal?.throwIfAborted();
      const { bytesRead } = await readSome(fd, piece, 0, Math.min(piece.length, size - bytes), bytes);
      if (bytesRead === 0) break;
      hasher.update(piece.subarray(0, bytesRead));
      bytes += bytesRead;
    }
    return { sha256: hasher.digest('hex'), bytes };
  } finally {
    closeSync(fd);
  }
}

/** The same for a path within a folder, of which no part may lead out of it by a link. */
export async function hashWithin(folder: string, path: string, signal?: AbortSignal): Promise<ContentHash> {
  const parts = path.split('/');
  for (let depth = 1; depth < parts.length; depth += 1) {
    const parent = join(folder, ...parts.slice(0, depth));
    if (lstatSync(parent).isSymbolicLink()) throw new IrregularFile(parent, 'lies behind a link', 'ELOOP');
  }
  return hashRegular(join(folder, path), signal);
}

const PIECE_BYTES = 1 << 20;

const LARGE_BYTES = 64 * 2 ** 30;
const MOST_TIMES_STORED = 64;

/** Whether nearly all of a huge file is a hole: reading or copying it would take hours and give zeros. */
export const isHole = ({ size, blocks }: Pick<Stats, 'size' | 'blocks'>): boolean =>
  size > LARGE_BYTES && size > MOST_TIMES_STORED * 512 * blocks;

export const holeText = (size: number): string => `is a hole of ${size} bytes`;
