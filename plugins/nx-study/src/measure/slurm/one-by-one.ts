import { closeSync, openSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { lockNow, lockWaiting } from '../../machine/flock.ts';
import type { JobPlace } from './job-file.ts';

/** Does something while no other run does so for a measurement of the same study. */
export async function oneByOne<T>({ file }: Pick<JobPlace, 'file'>, act: () => Promise<T>): Promise<T> {
  const path = join(dirname(file), 'settle.lock');
  await mkdir(dirname(path), { recursive: true });
  const fd = openSync(path, 'a');
  try {
    // On a file system without locks an attempt may be recorded twice, which is better than not at all.
    await locked(fd, path).catch(() => {});
    return await act();
  } finally {
    closeSync(fd);
  }
}

async function locked(fd: number, path: string): Promise<void> {
  if (!(await lockNow(fd, path))) await lockWaiting(fd, path);
}
