import { uptime } from 'node:os';
import { z } from 'zod';
import { readHostFile, writeHostFile } from '../../machine/host-file.ts';
import type { Watcher } from '../watch/watcher.ts';

const schema = z.object({
  /** By the uptime: nobody sets that clock. */
  ended_s: z.number(),
  boot: z.string(),
  /** Of the last measurement; null when there was none. */
  study: z.string().nullable().default(null),
  cycle: z.number().nullable().default(null),
});

/** The last load that we put on this host: a measurement, or the making of an environment for one. */
export type LastLoad = z.infer<typeof schema>;

/** Remembers that a measurement has just ended or, without one, that something else has. */
export async function rememberLoad(boot: string, measured?: { study: string; cycle: number }): Promise<void> {
  const { study, cycle } = measured ?? (await readLastLoad(boot)) ?? { study: null, cycle: null };
  writeHostFile('last-load.json', { ended_s: uptime(), boot, study, cycle });
}

const NOTE_EVERY_MS = 30_000;

/** Keeps remembering while a worker runs, for nobody does it any more when this process is killed. */
export function noteLoad(boot: string, { study, cycle }: { study: string; cycle: number }): Watcher {
  let next = 0;
  const note = () => {
    if (performance.now() < next) return;
    next = performance.now() + NOTE_EVERY_MS;
    writeHostFile('last-load.json', { ended_s: uptime(), boot, study, cycle });
  };
  return { started: note, tick: note };
}

/** null when there was none since the machine started. */
export async function readLastLoad(boot: string): Promise<LastLoad | null> {
  const last = await readHostFile('last-load.json', schema);
  return last?.boot === boot ? last : null;
}

/** Since when nothing of ours loads the host, s; infinite when nothing did. */
export const idleFor = (last: LastLoad | null): number =>
  last === null ? Infinity : Math.max(0, uptime() - last.ended_s);
