import { cpusIn } from '../cpus.ts';
import { absent, known } from '../../base/known.ts';
import type { Known } from '../../base/known.ts';
import { textAt } from './source.ts';
import type { MachineSource } from './source.ts';

export type Cores = {
  /** Cores that are online; siblings of simultaneous multithreading are one. */
  physical: Known<number>;
  /** Those of the fast kind, where a machine has two; else all. */
  performance: Known<number>;
};

export function describeCores(source: MachineSource, sysctl: ReadonlyMap<string, string>): Cores {
  return source.platform === 'darwin' ? macCores(sysctl) : linuxCores(source);
}

function macCores(sysctl: ReadonlyMap<string, string>): Cores {
  const number = (name: string): Known<number> => {
    const value = Number(sysctl.get(name));
    return value > 0 ? known(value) : absent(`sysctl knows no ${name}`);
  };
  const physical = number('hw.physicalcpu');
  const fast = number('hw.perflevel0.physicalcpu');
  // A Mac with one kind of core has no levels.
  return { physical, performance: fast.value === null ? physical : fast };
}

const CPUS = 'sys/devices/system/cpu';

function linuxCores(source: MachineSource): Cores {
  const online = cpusIn(textAt(source, `${CPUS}/online`) ?? '');
  const cores = new Map<string, number[]>();
  for (const cpu of online) {
    const folder = `${CPUS}/cpu${cpu}/topology`;
    // Numbers of cores repeat from cluster to cluster; lists of siblings don't.
    const siblings =
      textAt(source, `${folder}/core_cpus_list`) ?? textAt(source, `${folder}/thread_siblings_list`) ?? null;
    if (siblings !== null) cores.set(siblings, [...(cores.get(siblings) ?? []), cpu]);
  }
  if (cores.size === 0) {
    const unknown = absent('the kernel tells no topology of its CPUs');
    return { physical: unknown, performance: unknown };
  }
  const fast = fastCpus(source, online);
  const performance = [...cores.values()].filter((cpus) => cpus.some((cpu) => fast.has(cpu)));
  return { physical: known(cores.size), performance: known(performance.length) };
}

// Chosen: some ARM systems have three kinds of core, and the two larger ones, whose capacities are near each other, are fast.
const NEARLY_AS_FAST = 0.75;

function fastCpus(source: MachineSource, online: number[]): Set<number> {
  // Intel's hybrid CPUs list their performance cores.
  const listed = textAt(source, 'sys/devices/cpu_core/cpus');
  if (listed !== null) return new Set(cpusIn(listed));
  const capacities = online.map((cpu) => Number(textAt(source, `${CPUS}/cpu${cpu}/cpu_capacity`) ?? 0));
  const most = Math.max(...capacities);
  return new Set(online.filter((_, index) => capacities[index]! >= most * NEARLY_AS_FAST));
}
