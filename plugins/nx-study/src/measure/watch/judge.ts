import type { Neighbours } from '../../plan/types.ts';
import type { GpuReading } from './gpu.ts';
import { namesOf } from './seen.ts';
import type { Seen } from './seen.ts';
import { watchTexts } from './texts.ts';

// Two samples at the least. Chosen; no measurement is recorded.
const SUSTAINED_S = 10;
// A shorter measurement has too few samples to judge its neighbours by.
const LEAST_JUDGED_S = 5;
const MOST_NAMES = 3;
// Shorter times are in the record, and make no finding. Chosen; no measurement is recorded.
const THROTTLED_MATTERS_S = 0.5;

/** That others used more than the limit for long enough on end; null while they did not. */
export function sustainedText(seen: Seen, { cpu_cores }: Neighbours): string | null {
  if (seen.longest_s < SUSTAINED_S) return null;
  return watchTexts.neighbourSustained(seen.longest_s, cpu_cores ?? 0, namesOf(seen, MOST_NAMES), stolenBy(seen));
}

/** What of neighbours went beyond a study's limits: on the CPU, in memory, on the GPU. */
export function neighboursOf(seen: Seen, limits: Neighbours, gpu: GpuReading): string[] {
  const { value: onGpu } = gpu.others;
  return [
    onCpu(seen, limits),
    inMemory(seen, limits),
    onGpu !== null && onGpu.processes > (limits.gpu_processes ?? Infinity) ? watchTexts.neighbourGpu(onGpu) : null,
  ].filter((message) => message !== null);
}

function onCpu(seen: Seen, limits: Neighbours): string | null {
  const { cpu_cores } = limits;
  const others = seen.disturbance.value();
  if (cpu_cores === null || others === null || seen.seconds < LEAST_JUDGED_S) return null;
  if (others.mean > cpu_cores)
    return watchTexts.neighbourCpu(others.mean, cpu_cores, namesOf(seen, MOST_NAMES), stolenBy(seen));
  return sustainedText(seen, limits);
}

const inMemory = (seen: Seen, { memory_bytes }: Neighbours): string | null =>
  memory_bytes !== null && seen.seconds >= LEAST_JUDGED_S && seen.memory_growth > memory_bytes
    ? watchTexts.neighbourMemory(seen.memory_growth, memory_bytes)
    : null;

const stolenBy = (seen: Seen): number | null => seen.steal.value()?.mean ?? null;

/** Of CPU and GPU, what was slowed down for long enough to matter. */
export function throttlingOf(seen: Seen, gpu: GpuReading): string[] {
  const cpu_s = seen.throttle.seconds().value ?? 0;
  const gpu_s = gpu.throttled_s.value ?? 0;
  return [
    ...(cpu_s >= THROTTLED_MATTERS_S ? [watchTexts.throttledCpu(cpu_s)] : []),
    ...(gpu_s >= THROTTLED_MATTERS_S ? [watchTexts.throttledGpu(gpu_s)] : []),
  ];
}
