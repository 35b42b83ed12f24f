import { loadavg, uptime } from 'node:os';
import { z } from 'zod';
import { readHostFile, writeHostFile } from '../../machine/host-file.ts';
import { idleFor, readLastLoad } from './last-load.ts';
import { readTemperatures } from './temperatures.ts';
import type { ReadTemperatures } from './temperatures.ts';

const schema = z.record(z.string(), z.object({ celsius: z.number(), at_ms: z.number() }));

/** The temperature of each sensor at rest, as far as it is known. */
export type Rest = ReadonlyMap<string, number>;

// Coolers are back to rest in minutes.
const IDLE_S = 600;
const IDLE_LOAD = 0.5;
// Rooms have their seasons.
const FORGOTTEN_MS = 7 * 24 * 3600 * 1000;

/** How a machine shows that it rests. */
export interface Stillness {
  uptime_s: number;
  /** Of the last five minutes. */
  load: number;
}

/**
 * Reads the temperatures when nothing has loaded the machine for ten minutes, neither we nor others. The lowest of a
 * week is what the sensor shows at rest. Call it before anything is done: building environments heats, too.
 */
export async function learnRest(
  boot: string,
  read: ReadTemperatures,
  { uptime_s, load }: Stillness = { uptime_s: uptime(), load: loadavg()[1] ?? Infinity },
): Promise<void> {
  if (uptime_s < IDLE_S || load > IDLE_LOAD || idleFor(await readLastLoad(boot)) < IDLE_S) return;
  const { temperatures } = await read();
  if (temperatures.length === 0) return;
  const known = await readFileOfRest();
  const at_ms = Date.now();
  for (const { sensor, celsius } of temperatures) {
    const before = known[sensor];
    if (before === undefined || celsius < before.celsius || at_ms - before.at_ms > FORGOTTEN_MS)
      known[sensor] = { celsius, at_ms };
  }
  writeHostFile('rest.json', known);
}

/** As `learnRest`, for a run in which some study waits for temperatures. */
export async function learnRestFor(
  tasks: { execution: { gap: { until: unknown } } }[],
  boot: string,
  hasGpu: boolean,
  stop: AbortSignal,
): Promise<void> {
  if (tasks.some(({ execution }) => execution.gap.until !== null))
    await learnRest(boot, () => readTemperatures(hasGpu, stop));
}

export async function readRest(): Promise<Rest> {
  return new Map(Object.entries(await readFileOfRest()).map(([sensor, { celsius }]) => [sensor, celsius]));
}

const readFileOfRest = async () => (await readHostFile('rest.json', schema)) ?? {};
