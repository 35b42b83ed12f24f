import { closeSync, constants, fchmodSync, ftruncateSync, openSync, readdirSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import { tried } from '../base/errno.ts';
import { inLockPlace, lockPlace, makeLockFolder, openShared, refuseUnsafeFolder } from './lock-place.ts';
import { readBounded } from './regular-file.ts';

/** The path of a file of this host, beside its device lock, for all users and workspaces. */
export const hostFile = inLockPlace;

/** The paths of such files whose names begin so. */
export function hostFilesNamed(start: string): string[] {
  const { folder, prefix } = lockPlace();
  const names = tried(() => readdirSync(folder)) ?? [];
  return names.filter((name) => name.startsWith(`${prefix}${start}`)).map((name) => join(folder, name));
}

// They are a few lines.
const MOST_BYTES = 1 << 20;

/** The content of such a file; null where there is none, or it doesn't fit the schema. */
export async function readHostFile<T>(name: string, schema: z.ZodType<T>): Promise<T | null> {
  try {
    return schema.parse(JSON.parse((await readBounded(hostFile(name), MOST_BYTES)).toString()));
  } catch {
    return null;
  }
}

/** Writes such a file. It is only a hint, so a failure is ignored. */
export function writeHostFile(name: string, content: object): void {
  try {
    const fd = openForWriting(hostFile(name));
    tried(() => {
      // Some file systems write out at once what replaces a file that was emptied.
      ftruncateSync(fd, writeSync(fd, JSON.stringify(content)));
    });
    closeSync(fd);
  } catch {
    // Taking the device lock reports a folder that can't be used.
  }
}

function openForWriting(path: string): number {
  const { folder } = lockPlace();
  makeLockFolder(folder, true);
  refuseUnsafeFolder(folder);
  // Without O_CREAT first: Linux refuses to re-create another user's file in a sticky folder.
  return tried(() => openShared(path, constants.O_WRONLY)) ?? create(path);
}

// The umask takes bits from the mode of a new file.
function create(path: string): number {
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  const fd = openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW);
  fchmodSync(fd, 0o666);
  return fd;
}
