import type { CoolDown } from '../../record/schema.ts';
import { ownProcesses } from '../watch/own-processes.ts';
import { loadMeter } from '../watch/load.ts';
import type { LoadMeter } from '../watch/load.ts';
import type { Rest } from './rest.ts';
import type { ReadTemperatures } from './temperatures.ts';

export type Reading = CoolDown['readings'][number];

/** Reads whether the machine has recovered, so that a measurement may start. */
export interface Recovery {
  criterion: 'temperature' | 'others-cpu';
  /** Why not by temperature, or not by all of them; null otherwise. */
  why: string | null;
  /** null while it isn't known yet. */
  read(): Promise<Reading[] | null>;
}

export const hasRecovered = (readings: Reading[]): boolean => readings.every(({ value, limit }) => value <= limit);

/** By temperature where there is a sensor whose rest is known, else by how little others use. */
export async function openRecovery(
  rise_c: number,
  cpu_cores: number,
  read: ReadTemperatures,
  rest: Rest,
): Promise<Recovery> {
  const { temperatures, missing } = await read();
  const unknown = temperatures.filter(({ sensor }) => !rest.has(sensor)).map(({ sensor }) => sensor);
  const reasons = [...missing, ...unknown.map((sensor) => `the temperature of ${sensor} at rest is not known yet`)];
  const why = reasons.length === 0 ? null : reasons.join('; ');
  return temperatures.length > unknown.length
    ? { criterion: 'temperature', why, read: () => readBand(rise_c, read, rest) }
    : { criterion: 'others-cpu', why, read: othersOf(cpu_cores) };
}

async function readBand(rise_c: number, read: ReadTemperatures, rest: Rest): Promise<Reading[] | null> {
  const { temperatures, throttled } = await read();
  const readings = temperatures.flatMap(({ sensor, celsius }): Reading[] => {
    const at_rest = rest.get(sensor);
    return at_rest === undefined ? [] : [{ name: sensor, value: celsius, limit: at_rest + rise_c, unit: 'degC' }];
  });
  const slow = throttled.map((name): Reading => ({ name: `${name} slowed down`, value: 1, limit: 0, unit: 'yes' }));
  return readings.length === 0 ? null : [...readings, ...slow];
}

const LEAST_INTERVAL_S = 2;

function othersOf(cpu_cores: number, now = () => performance.now() / 1000): Recovery['read'] {
  let meter: LoadMeter | null = null;
  let since = 0;
  let latest: Reading[] | null = null;
  return () => {
    if (meter === null) {
      meter = loadMeter(ownProcesses());
      since = now();
    } else if (now() - since >= LEAST_INTERVAL_S) {
      const { others_cores } = meter.sample();
      since = now();
      latest = [{ name: 'CPU of others', value: others_cores, limit: cpu_cores, unit: 'cores' }];
    }
    return Promise.resolve(latest);
  };
}
