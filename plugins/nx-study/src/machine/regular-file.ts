import { constants as buffers } from 'node:buffer';
import { closeSync, constants, fstatSync, lstatSync, openSync, read, readSync, realpathSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { lstat, open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { promisify } from 'node:util';
import { IrregularFile } from './texts.ts';
import { errorCode, tried } from '../base/errno.ts';

/** The most that may become a string: V8 can't hold a longer one. */
export const LARGEST_TEXT_BYTES = buffers.MAX_STRING_LENGTH;

/**
 * Opens a file that a worker or another user may have made. It never waits, as opening a FIFO would, and follows no link in the
 * last part of the path. `flags` are those of open(2), `mode` is that of a file that they create.
 * @throws IrregularFile when it is anything but a regular file, and the system's own errors.
 */
export async function openRegular(path: string, flags = constants.O_RDONLY, mode?: number): Promise<FileHandle> {
  refuseIrregular(path, await lstat(path).catch((error) => absentIfCreated(error, flags)));
  const handle = await open(path, flags | CAREFUL, mode);
  try {
    // Something else may have taken its place meanwhile.
    refuseIrregular(path, await handle.stat());
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** The same, synchronously. */
export function openRegularSync(path: string, flags = constants.O_RDONLY, mode?: number): number {
  refuseIrregular(path, lstatNow(path, flags));
  const fd = openSync(path, flags | CAREFUL, mode);
  try {
    refuseIrregular(path, fstatSync(fd));
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/**
 * All of a regular file, which may grow while it is read.
 * @throws IrregularFile when it is anything but a regular file, or longer than `mostBytes`, and the system's own errors.
 */
export async function readBounded(path: string, mostBytes = LARGEST_TEXT_BYTES): Promise<Buffer> {
  const fd = openRegularSync(path);
  try {
    const { size } = fstatSync(fd);
    if (size <= SMALL_BYTES) return readNow(fd, path, size, mostBytes);
    refuseLonger(path, size, mostBytes);
    let buffer: Buffer = Buffer.allocUnsafe(size + 1);
    for (let filled = 0; ;) {
      const { bytesRead } = await readSome(fd, buffer, filled, buffer.length - filled, filled);
      if (bytesRead === 0) return buffer.subarray(0, filled);
      filled += bytesRead;
      refuseLonger(path, filled, mostBytes);
      buffer = withRoom(buffer, filled, mostBytes);
    }
  } finally {
    closeSync(fd);
  }
}

/** Handing a call to another thread takes longer than reading so much, and there are many such files. */
export const SMALL_BYTES = 64 << 10;

/** Reads a piece of an open file in another thread. */
export const readSome = promisify(read);

/** All of a regular file of the workspace, also behind a link. */
export const readLinked = async (path: string): Promise<Buffer> => readBounded(realpathSync.native(path));

/** As `readBounded`, synchronously. */
export function readBoundedSync(path: string, mostBytes = LARGEST_TEXT_BYTES): Buffer {
  const fd = openRegularSync(path);
  try {
    return readNow(fd, path, fstatSync(fd).size, mostBytes);
  } finally {
    closeSync(fd);
  }
}

function readNow(fd: number, path: string, size: number, mostBytes: number): Buffer {
  refuseLonger(path, size, mostBytes);
  let buffer: Buffer = Buffer.allocUnsafe(size + 1);
  for (let filled = 0; ;) {
    const bytesRead = readSync(fd, buffer, filled, buffer.length - filled, filled);
    if (bytesRead === 0) return buffer.subarray(0, filled);
    filled += bytesRead;
    refuseLonger(path, filled, mostBytes);
    buffer = withRoom(buffer, filled, mostBytes);
  }
}

const CAREFUL = constants.O_NONBLOCK | constants.O_NOFOLLOW | constants.O_NOCTTY;

function lstatNow(path: string, flags: number): Stats | null {
  return lstatSync(path, { throwIfNoEntry: (flags & constants.O_CREAT) === 0 }) ?? null;
}

/** What lies at a path, links not followed; null where nothing does, or the system doesn't say. */
export const statsOf = (path: string): Stats | null => tried(() => lstatSync(path, { throwIfNoEntry: false })) ?? null;

function absentIfCreated(error: unknown, flags: number): null {
  if ((flags & constants.O_CREAT) !== 0 && errorCode(error) === 'ENOENT') return null;
  throw error;
}

function refuseIrregular(path: string, stats: Stats | null): void {
  if (stats === null || stats.isFile()) return;
  throw new IrregularFile(path, ...natureOf(stats));
}

/** The nature of something that is no regular file, as text after its name, and the system's error code for it. */
export function natureOf(
  stats: Pick<Stats, 'isSymbolicLink' | 'isDirectory' | 'isFIFO' | 'isSocket'>,
): [string, string] {
  if (stats.isSymbolicLink()) return ['is a link', 'ELOOP'];
  if (stats.isDirectory()) return ['is a folder', 'EISDIR'];
  if (stats.isFIFO()) return ['is a FIFO', 'EINVAL'];
  return [stats.isSocket() ? 'is a socket' : 'is a device', 'EINVAL'];
}

function refuseLonger(path: string, bytes: number, mostBytes: number): void {
  if (bytes > mostBytes) throw new IrregularFile(path, `has more than the ${mostBytes} bytes that are read`, 'EFBIG');
}

/** Where a file grew, or hides its size. */
function withRoom(buffer: Buffer, filled: number, mostBytes: number): Buffer {
  if (filled < buffer.length) return buffer;
  return Buffer.concat([buffer], Math.min(Math.max(2 * filled, 4096), mostBytes + 1));
}
