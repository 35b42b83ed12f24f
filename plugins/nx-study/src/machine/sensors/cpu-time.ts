import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { orNull } from '../../base/errno.ts';
import { TICKS_PER_S } from '../process.ts';
import { sum } from '../../base/sum.ts';

/** CPU time of the whole machine since it started, s, also outside of a container in which this process may run. */
export interface CpuTimes {
  busy_s: number;
  /** Time that a hypervisor gave to others while this machine wanted to run; null where the system doesn't report it. */
  steal_s: number | null;
  /** Busy time by number of the CPU. */
  each: Map<number, number>;
}

export function cpuTimes(proc = '/proc'): CpuTimes {
  const text = orNull(() => readFileSync(join(proc, 'stat'), 'utf8'));
  return text === null ? fromSystem() : fromStat(text);
}

/** Lines `cpu0 user nice system idle iowait irq softirq steal …`, in ticks; guests are within user. */
function fromStat(text: string): CpuTimes {
  const times: CpuTimes = { busy_s: 0, steal_s: 0, each: new Map() };
  for (const [, number, rest] of text.matchAll(/^cpu(\d*) +(.*)$/gm)) {
    const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = rest!.split(' ').map(Number);
    const busy_s = (user + nice + system + irq + softirq) / TICKS_PER_S;
    if (number === '') Object.assign(times, { busy_s, steal_s: steal / TICKS_PER_S });
    else times.each.set(Number(number), busy_s);
  }
  return times;
}

function fromSystem(): CpuTimes {
  const each = cpus().map(({ times: { user, nice, sys, irq } }) => (user + nice + sys + irq) / 1000);
  return { busy_s: sum(each), steal_s: null, each: new Map(each.entries()) };
}
