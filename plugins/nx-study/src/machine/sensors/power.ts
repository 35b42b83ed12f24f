import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { orNull } from '../../base/errno.ts';
import { absent, known } from '../../base/known.ts';
import type { Known } from '../../base/known.ts';
import { sum } from '../../base/sum.ts';

/** Reads the energy counters of all CPU packages; from two readings follows the mean power between them. */
export interface PowerMeter {
  /** Power since the last reading, or since the meter was opened, in W. */
  read(): Known<number>;
}

interface Counter {
  file: string;
  /** The counter begins again at 0 after so many microjoules; null where the kernel doesn't tell. */
  range_uj: number | null;
  last_uj: number;
}

/**
 * Linux' powercap counters `package-<n>` of Intel and AMD processors (Documentation/power/powercap). Their sum contains cores
 * and caches, and mostly no memory. `now` in seconds.
 */
export function cpuPowerMeter(sys = '/sys', now = () => performance.now() / 1000): PowerMeter {
  const opened = packageCounters(join(sys, 'class/powercap'));
  if (opened.value === null) return { read: () => opened };
  const counters = opened.value;
  let last_s = now();
  return {
    read() {
      const at_s = now();
      const seconds = at_s - last_s;
      const added = counters.map(addedTo);
      last_s = at_s;
      if (added.some((one) => one === null)) return absent('an energy counter of the CPU could not be read');
      const joules = sum(added.map((one) => one!)) / 1e6;
      return seconds > 0 ? known(joules / seconds) : absent('no time passed since the last reading');
    },
  };
}

function packageCounters(folder: string): Known<Counter[]> {
  const zones = (orNull(() => readdirSync(folder)) ?? []).filter((name) => /^intel-rapl:\d+$/.test(name)).toSorted();
  const packages = zones.map((name) => join(folder, name)).filter(isPackage);
  if (packages.length === 0) return absent('the kernel shows no energy counter of the CPU');
  const counters = packages.map((zone) => ({
    file: join(zone, 'energy_uj'),
    range_uj: numberAt(join(zone, 'max_energy_range_uj')),
    last_uj: numberAt(join(zone, 'energy_uj')),
  }));
  // Since 2020 only root may read them.
  return counters.every((one): one is Counter => one.last_uj !== null)
    ? known(counters)
    : absent('the energy counters of the CPU may be read by root only');
}

const isPackage = (zone: string): boolean =>
  orNull(() => readFileSync(join(zone, 'name'), 'utf8'))?.startsWith('package') === true;

/** Microjoules since the last reading; null where the counter can't be read. */
function addedTo(counter: Counter): number | null {
  const present_uj = numberAt(counter.file);
  if (present_uj === null) return null;
  const added = present_uj - counter.last_uj;
  counter.last_uj = present_uj;
  if (added >= 0) return added;
  return counter.range_uj === null ? null : added + counter.range_uj;
}

function numberAt(file: string): number | null {
  if (!existsSync(file)) return null;
  const text = orNull(() => readFileSync(file, 'utf8'))?.trim() ?? '';
  return /^\d+$/.test(text) ? Number(text) : null;
}
