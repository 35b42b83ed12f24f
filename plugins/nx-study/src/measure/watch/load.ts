import type { ProcessUsage } from '../../machine/process.ts';
import { cpuTimes } from '../../machine/sensors/cpu-time.ts';
import type { CpuTimes } from '../../machine/sensors/cpu-time.ts';
import { pageBytes, processTable } from '../../machine/sensors/processes.ts';
import { keyOf } from './own-processes.ts';
import type { OwnProcesses } from './own-processes.ts';

/** What happened on the machine between two samples. */
export interface Load {
  seconds: number;
  /** CPU time of others per time. */
  others_cores: number;
  /** null where the system doesn't count it. */
  steal_cores: number | null;
  /** Others that were seen to run, the busiest first. */
  busiest: { pid: number; name: string; cores: number }[];
  /** By how much the memory grew that others in sight have in use, bytes; what they share counts for each. */
  others_memory_growth_bytes: number;
  /** CPUs that ran all the time. */
  busy_cpus: number[];
}

export interface LoadMeter {
  /** Since the last sample, or since the meter was opened. `processes` are all of the machine's now; else they are read. */
  sample(processes?: readonly ProcessUsage[]): Load;
  /** Who is ours now. */
  own(): Set<number>;
}

interface Snapshot {
  at: number;
  cpu: CpuTimes;
  processes: Map<string, ProcessUsage>;
  own: Set<string>;
}

// The share of our own CPU time by which the kernel's counts for processes and for CPUs may differ: they agree to a percent or
// two. Chosen at the upper end of that, so that a difference of counting is not taken for a neighbour; no measurement is recorded.
const ACCOUNTING_ERROR = 0.02;
// A CPU that was busy for this share of the time counts as one that ran all the time. Chosen, not measured.
const RUNS_ALL_THE_TIME = 0.9;
const WORTH_A_NAME_CORES = 0.02;

/** Splits the machine's CPU time into ours and that of others; `now` in seconds. */
export function loadMeter(members: OwnProcesses, proc = '/proc', now = () => performance.now() / 1000): LoadMeter {
  const page = pageBytes(proc);
  const snapshot = (table: readonly ProcessUsage[]): Snapshot => {
    const own = members.among(table);
    const keys = table.filter(({ pid }) => own.has(pid)).map(keyOf);
    return {
      at: now(),
      cpu: cpuTimes(proc),
      processes: new Map(table.map((one) => [keyOf(one), one])),
      own: new Set(keys),
    };
  };
  let before = snapshot(processTable(proc));
  return {
    sample(processes = processTable(proc)) {
      const after = snapshot(processes);
      const load = loadBetween(before, after, page);
      before = after;
      return load;
    },
    own: () => members.among(processTable(proc)),
  };
}

function loadBetween(before: Snapshot, after: Snapshot, page: number): Load {
  const seconds = Math.max(1e-3, after.at - before.at);
  const own_s = ownTime(before, after);
  const others = [...after.processes].filter(([key]) => !after.own.has(key));
  const busiest = others
    .map(([key, { pid, name, cpu_s }]) => ({
      pid,
      name,
      cores: Math.max(0, cpu_s - (before.processes.get(key)?.cpu_s ?? 0)) / seconds,
    }))
    .filter(({ cores }) => cores > WORTH_A_NAME_CORES)
    .toSorted((a, b) => b.cores - a.cores);
  const seen_cores = busiest.reduce((sum, { cores }) => sum + cores, 0);
  const rest_s = after.cpu.busy_s - before.cpu.busy_s - own_s * (1 + ACCOUNTING_ERROR);
  const { steal_s } = after.cpu;
  return {
    seconds,
    // Short-lived processes and those of other containers are in no table; the machine's total has them.
    others_cores: Math.max(seen_cores, rest_s / seconds, 0),
    steal_cores: steal_s === null ? null : Math.max(0, steal_s - (before.cpu.steal_s ?? 0)) / seconds,
    busiest,
    others_memory_growth_bytes: page * (pagesOfOthers(after, after) - pagesOfOthers(before, after)),
    busy_cpus: [...after.cpu.each].flatMap(([cpu, busy_s]) =>
      busy_s - (before.cpu.each.get(cpu) ?? busy_s) > RUNS_ALL_THE_TIME * seconds ? cpu : [],
    ),
  };
}

/** Without what turned out to be ours at either time. */
function pagesOfOthers({ processes, own }: Snapshot, after: Snapshot): number {
  const others = [...processes].filter(([key]) => !own.has(key) && !after.own.has(key));
  return others.reduce((sum, [, { resident_pages }]) => sum + resident_pages, 0);
}

/** CPU time of our processes between two snapshots, s. */
function ownTime(before: Snapshot, after: Snapshot): number {
  const total = (one: ProcessUsage | undefined) => (one ? one.cpu_s + one.children_cpu_s : 0);
  let all_s = 0;
  let living_s = 0;
  for (const key of after.own) {
    const then = before.processes.get(key);
    const one = after.processes.get(key)!;
    all_s += total(one) - total(then);
    living_s += one.cpu_s - (then?.cpu_s ?? 0);
  }
  // What ended is in its parent's time for children, all of its life, and some of that was counted before.
  for (const key of before.own) if (!after.processes.has(key)) all_s -= total(before.processes.get(key));
  // Unless nobody waited for it: then its last seconds are nobody's.
  return Math.max(all_s, living_s, 0);
}
