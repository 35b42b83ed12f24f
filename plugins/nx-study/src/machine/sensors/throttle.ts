import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { orNull } from '../../base/errno.ts';
import { absent, known } from '../../base/known.ts';
import type { Known } from '../../base/known.ts';
import { cpuFrequency } from './frequency.ts';

/** Measures how long the CPU has been slowed down since this was opened. */
export interface ThrottleWatch {
  /** Reads frequencies where the kernel doesn't count; `busyCpus` were busy all the time for the last `seconds`. */
  sample(busyCpus: number[], seconds: number): void;
  seconds(): Known<number>;
}

// A busy CPU above this share of its nominal frequency is not slowed down. Chosen: readings are averages, and scatter.
const TOLERANCE = 0.95;
// A reading may take the kernel some ms on an idle CPU, so only busy ones are read, and few of them.
const MOST_READ = 4;

/** By the kernel's counters where it has them (Intel), else by busy CPUs below their nominal frequency. */
export function watchThrottle(sys = '/sys'): ThrottleWatch {
  const before = throttledMs(sys);
  let slow_s = 0;
  let read = false;
  return {
    sample(busyCpus, seconds) {
      if (before !== null) return;
      const frequencies = busyCpus.slice(0, MOST_READ).flatMap((cpu) => cpuFrequency(cpu, sys) ?? []);
      read ||= frequencies.length > 0;
      if (frequencies.some(({ current_mhz, sustained_mhz }) => current_mhz < TOLERANCE * sustained_mhz))
        slow_s += seconds;
    },
    seconds() {
      if (before !== null) return known(mostAdded(before, throttledMs(sys) ?? before) / 1000);
      if (read) return known(slow_s);
      return cpuFrequency(0, sys) === null
        ? absent('the kernel neither counts throttling nor tells a nominal frequency')
        : absent('no CPU was busy all the time');
    },
  };
}

/** Time for which each core and each package was slowed down for its heat, ms; null where it isn't counted. */
function throttledMs(sys: string): Map<string, number> | null {
  const folder = join(sys, 'devices/system/cpu');
  const counters = new Map<string, number>();
  for (const cpu of (orNull(() => readdirSync(folder)) ?? []).filter((name) => /^cpu\d+$/.test(name))) {
    const counted = join(folder, cpu, 'thermal_throttle');
    if (!existsSync(counted)) continue;
    for (const part of ['core', 'package']) {
      const file = join(counted, `${part}_throttle_total_time_ms`);
      const text = orNull(() => readFileSync(file, 'utf8'));
      if (text !== null) counters.set(`${cpu} ${part}`, Number(text));
    }
  }
  return counters.size === 0 ? null : counters;
}

const mostAdded = (before: Map<string, number>, after: Map<string, number>): number =>
  Math.max(0, ...[...after].map(([name, ms]) => ms - (before.get(name) ?? ms)));
