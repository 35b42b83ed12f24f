import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Counter } from './counters.ts';

/** Where Linux shows RAPL, the energy counters of Intel and AMD processors. */
export const POWERCAP = '/sys/class/powercap';

const SCOPES: Record<string, Counter['scope']> = {
  package: 'package',
  core: 'core',
  dram: 'dram',
  psys: 'platform',
};

/** The counters that may be read, and why there are none, if so. */
export function raplCounters(powercap: string = POWERCAP): { counters: Counter[]; reason: string | null } {
  const zones = existsSync(powercap) ? readdirSync(powercap).filter((name) => name.startsWith('intel-rapl:')) : [];
  let reason = 'no_rapl';
  const counters = zones.sort().flatMap((zone) => {
    try {
      return counterOf(powercap, zone) ?? [];
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // Since 2020 only root may read energy_uj.
      reason = code === 'EACCES' || code === 'EPERM' ? 'rapl_permission_denied' : `rapl_unreadable: ${String(error)}`;
      return [];
    }
  });
  return { counters, reason: counters.length > 0 ? null : reason };
}

function counterOf(powercap: string, zone: string): Counter | null {
  const [kind, ownNumber] = nameOf(powercap, zone);
  const scope = SCOPES[kind];
  if (scope === undefined) return null; // uncore, for example, is a part of the package
  const parent = /^(intel-rapl:.*):\d+$/.exec(zone)?.[1];
  const number = ownNumber || parent === undefined ? ownNumber : nameOf(powercap, parent)[1];
  const read = () => readNumber(join(powercap, zone, 'energy_uj'));
  read();
  return {
    name: number ? `${kind}-${number}` : kind,
    source: 'rapl',
    scope,
    read,
    range_uj: readNumber(join(powercap, zone, 'max_energy_range_uj')),
  };
}

/** `package-0` is ["package", "0"]. */
function nameOf(powercap: string, zone: string): [kind: string, number: string] {
  const name = readFileSync(join(powercap, zone, 'name'), 'utf8').trim();
  const dash = name.indexOf('-');
  return dash === -1 ? [name, ''] : [name.slice(0, dash), name.slice(dash + 1)];
}

function readNumber(file: string): number {
  const text = readFileSync(file, 'utf8').trim();
  if (!/^\d+$/.test(text)) throw new TypeError(`${file}: ${JSON.stringify(text)} is no counter`);
  return Number(text);
}
