import type { Named } from './texts.ts';
import type { ThrottleWatch } from '../../machine/sensors/throttle.ts';
import type { Watch } from '../../record/schema.ts';
import { average } from './average.ts';
import type { Average } from './average.ts';
import type { GpuReading } from './gpu.ts';
import type { Load } from './load.ts';

/** What was seen of neighbours since a measurement's preparation. */
export interface Seen {
  seconds: number;
  samples: number;
  others: Average;
  steal: Average;
  /** Both together. */
  disturbance: Average;
  /** For how long on end the disturbance was above its limit: now, and at most. */
  above_s: number;
  longest_s: number;
  /** By how much the memory of others grew since the beginning: now, and at most. */
  memory_added: number;
  memory_growth: number;
  /** Others by PID, each with the most that it used at a time. */
  names: Map<number, Named>;
  throttle: ThrottleWatch;
}

export const nothingSeen = (throttle: ThrottleWatch): Seen => ({
  seconds: 0,
  samples: 0,
  others: average(),
  steal: average(),
  disturbance: average(),
  above_s: 0,
  longest_s: 0,
  memory_added: 0,
  memory_growth: 0,
  names: new Map(),
  throttle,
});

const MOST_NAMES_A_SAMPLE = 5;

export function addLoad(seen: Seen, load: Load, limit_cores: number | null): void {
  const { seconds, others_cores, steal_cores, busiest, busy_cpus, others_memory_growth_bytes } = load;
  const disturbance = others_cores + (steal_cores ?? 0);
  seen.seconds += seconds;
  seen.samples += 1;
  seen.others.add(others_cores, seconds);
  if (steal_cores !== null) seen.steal.add(steal_cores, seconds);
  seen.disturbance.add(disturbance, seconds);
  seen.throttle.sample(busy_cpus, seconds);
  seen.memory_added += others_memory_growth_bytes;
  seen.memory_growth = Math.max(seen.memory_growth, seen.memory_added);
  const isAbove = limit_cores !== null && disturbance > limit_cores;
  seen.above_s = isAbove ? seen.above_s + seconds : 0;
  seen.longest_s = Math.max(seen.longest_s, seen.above_s);
  // Others are not recorded by name while they are below the limit.
  if (!isAbove) return;
  for (const one of busiest.slice(0, MOST_NAMES_A_SAMPLE))
    if (one.cores > (seen.names.get(one.pid)?.cores ?? 0)) seen.names.set(one.pid, one);
}

/** The most demanding ones. */
export const namesOf = ({ names }: Seen, most: number): Named[] =>
  [...names.values()].toSorted((a, b) => b.cores - a.cores).slice(0, most);

/** For the record. */
export function watchOf(seen: Seen, gpu: GpuReading, unwatched: string | null): Watch {
  const missing: Record<string, string> = {};
  const value = <T>(name: string, found: T | null, reason: string | null): T | null => {
    if (found === null) missing[name] = unwatched ?? reason ?? 'not sampled';
    return found;
  };
  const throttled = seen.throttle.seconds();
  const others = gpu.others.value;
  return {
    seconds: seen.seconds,
    samples: seen.samples,
    others_cpu_cores: value('others_cpu_cores', seen.others.value(), 'it ended before the first sample'),
    steal_cores: value('steal_cores', seen.steal.value()?.mean ?? null, 'it ended before the first sample'),
    others_memory_growth_bytes: value(
      'others_memory_growth_bytes',
      seen.samples === 0 ? null : seen.memory_growth,
      'it ended before the first sample',
    ),
    others_on_gpu: value(
      'others_on_gpu',
      others && { processes: others.processes, memory_bytes: others.memory_bytes },
      gpu.others.reason,
    ),
    cpu_throttled_s: value('cpu_throttled_s', throttled.value, throttled.reason),
    gpu_throttled_s: value('gpu_throttled_s', gpu.throttled_s.value, gpu.throttled_s.reason),
    gpu_power_capped_s: value('gpu_power_capped_s', gpu.power_capped_s.value, gpu.power_capped_s.reason),
    names: namesOf(seen, 5).map(({ name, pid, cores }) => ({ name, pid, cores })),
    missing,
  };
}
