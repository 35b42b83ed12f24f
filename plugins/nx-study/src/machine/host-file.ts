import { closeSync, constants, fchmodSync, openSync, writeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { z } from 'zod';
import { tried } from './errno.ts';
import { deviceLockPath, makeLockFolder } from './lock.ts';

/** What is remembered of a host lies beside its device lock, for all users and workspaces. */
export const hostFile = (name: string) => join(dirname(deviceLockPath()), name);

/** null where nothing is remembered, or nothing that is whole. */
export async function readHostFile<T>(name: string, schema: z.ZodType<T>): Promise<T | null> {
  try {
    return schema.parse(JSON.parse(await readFile(hostFile(name), 'utf8')));
  } catch {
    return null;
  }
}

/** A hint: one that is lost may cost time, so nothing fails for it. */
export function writeHostFile(name: string, content: object): void {
  const path = hostFile(name);
  const text = JSON.stringify(content);
  // Without O_CREAT first: Linux refuses to re-create another user's file in a sticky folder.
  const fd = tried(() => openSync(path, constants.O_WRONLY | constants.O_TRUNC)) ?? tried(() => create(path));
  if (fd === null) return;
  tried(() => writeSync(fd, text));
  closeSync(fd);
}

// The umask takes bits from the mode of a new file.
function create(path: string): number {
  makeLockFolder(dirname(path), true);
  const fd = openSync(path, 'wx');
  fchmodSync(fd, 0o666);
  return fd;
}
