import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { gapTexts } from '../errors/measure.ts';
import { deviceLockPath } from '../machine/lock.ts';
import type { Gap } from '../plan/types.ts';
import { waitForAbort } from './stop.ts';

/** What was waited for before a measurement; goes into its record. */
export interface CoolDown {
  waited_s: number;
  reason: string;
}

/** The rest before a measurement, while it lasts. */
export interface Cooling {
  /** ISO 8601, UTC: when it ends at the latest. */
  until: string;
  /** What is waited for, as a person reads it; null where only time counts. */
  reading: string | null;
}

const lastLoadSchema = z.object({ ended_ms: z.number(), boot: z.string() });

const lastLoadFile = () => join(dirname(deviceLockPath()), 'last-load.json');

/** Waits until `gap.min_s` have passed since the last measurement on this host ended; a stop ends the wait. */
export async function coolDown(
  gap: Gap,
  boot: string,
  stop: AbortSignal,
  print: (line: string) => void,
  note: (cooling: Cooling) => Promise<void>,
): Promise<CoolDown> {
  if (gap.min_s === 0) return { waited_s: 0, reason: gapTexts.none };
  const last = await readLastLoad();
  if (last?.boot !== boot) return { waited_s: 0, reason: gapTexts.first };
  const wait_s = Math.min(gap.min_s, gap.min_s - (Date.now() - last.ended_ms) / 1000);
  if (wait_s <= 0) return { waited_s: 0, reason: gapTexts.over(gap.min_s) };
  print(gapTexts.waits(wait_s));
  await note({ until: new Date(Date.now() + wait_s * 1000).toISOString(), reading: null });
  const begin = performance.now();
  await waitForAbort(stop, wait_s * 1000);
  return {
    waited_s: (performance.now() - begin) / 1000,
    reason: gapTexts.waited(gap.min_s, gap.until !== null),
  };
}

/** Remembers that a measurement has just ended. Call it under the device lock. */
export async function rememberLoad(boot: string): Promise<void> {
  await writeFile(lastLoadFile(), JSON.stringify({ ended_ms: Date.now(), boot }), { mode: 0o666 }).catch(() => {});
}

async function readLastLoad(): Promise<z.infer<typeof lastLoadSchema> | null> {
  try {
    return lastLoadSchema.parse(JSON.parse(await readFile(lastLoadFile(), 'utf8')));
  } catch {
    return null;
  }
}
