import { closeSync, constants, fchmodSync, openSync, writeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { orNull } from '../../machine/errno.ts';
import { deviceLockPath } from '../../machine/lock.ts';
import type { Watcher } from '../watcher.ts';

const schema = z.object({
  ended_ms: z.number(),
  boot: z.string(),
  /** Of the last measurement; null when there was none. */
  study: z.string().nullable().default(null),
  cycle: z.number().nullable().default(null),
});

/** The last load that we put on this host: a measurement, or the making of an environment for one. */
export type LastLoad = z.infer<typeof schema>;

/** What is remembered of a host lies beside its device lock, for all users and workspaces. */
export const hostFile = (name: string) => join(dirname(deviceLockPath()), name);

/** Remembers that a measurement has just ended or, without one, that something else has. */
export async function rememberLoad(boot: string, measured?: { study: string; cycle: number }): Promise<void> {
  const { study, cycle } = measured ?? (await readLastLoad(boot)) ?? { study: null, cycle: null };
  writeHostFile('last-load.json', { ended_ms: Date.now(), boot, study, cycle });
}

const NOTE_EVERY_MS = 30_000;

/** Keeps remembering while a worker runs, for nobody does it any more when this process is killed. */
export function noteLoad(boot: string, { study, cycle }: { study: string; cycle: number }): Watcher {
  let next = 0;
  const note = () => {
    if (performance.now() < next) return;
    next = performance.now() + NOTE_EVERY_MS;
    writeHostFile('last-load.json', { ended_ms: Date.now(), boot, study, cycle });
  };
  return { started: note, look: note };
}

/** null when there was none since the machine started. */
export async function readLastLoad(boot: string): Promise<LastLoad | null> {
  try {
    const last = schema.parse(JSON.parse(await readFile(hostFile('last-load.json'), 'utf8')));
    return last.boot === boot ? last : null;
  } catch {
    return null;
  }
}

/** Since when nothing of ours loads the host, s; infinite when nothing did. A clock that was set back says 0. */
export const idleFor = (last: LastLoad | null): number =>
  last === null ? Infinity : Math.max(0, (Date.now() - last.ended_ms) / 1000);

/** A hint that is lost costs a gap, so nothing fails for it. */
export function writeHostFile(name: string, content: object): void {
  const path = hostFile(name);
  const text = JSON.stringify(content);
  // Without O_CREAT first: Linux refuses to re-create another user's file in a sticky folder.
  const fd = orNull(() => openSync(path, constants.O_WRONLY | constants.O_TRUNC)) ?? orNull(() => create(path));
  if (fd === null) return;
  orNull(() => writeSync(fd, text));
  closeSync(fd);
}

// The umask takes bits from the mode of a new file.
function create(path: string): number {
  const fd = openSync(path, 'wx');
  fchmodSync(fd, 0o666);
  return fd;
}
