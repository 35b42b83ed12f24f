import { duration } from '../../base/duration.ts';
import { size } from '../../base/size.ts';

/** A process that ran beside a measurement. */
export interface Named {
  pid: number;
  name: string;
  cores: number;
}

export interface OnGpu {
  processes: number;
  memory_bytes: number;
  pids: number[];
  /** Whether a GPU is divided: then the other may be on another part of it. */
  partitioned: boolean;
}

/** Texts of the watch over neighbours, heat and throttling. */
export const watchTexts = {
  neighbourCpu: (mean_cores: number, limit_cores: number, busiest: Named[], steal_cores: number | null) =>
    `others used ${mean_cores.toFixed(2)} CPU cores on average while it was measured, more than the limit of ${limit_cores}${named(busiest)}${stolen(steal_cores)}`,
  neighbourSustained: (seconds: number, limit_cores: number, busiest: Named[], steal_cores: number | null) =>
    `others used more than ${limit_cores} CPU cores for ${duration(seconds)} on end while it was measured${named(busiest)}${stolen(steal_cores)}`,
  neighbourMemory: (grown_bytes: number, limit_bytes: number) =>
    `memory of others grew by ${size(grown_bytes)} while it was measured, more than the limit of ${size(limit_bytes)}`,
  neighbourGpu: ({ processes, memory_bytes, pids, partitioned }: OnGpu) =>
    `${processes === 1 ? 'another process' : `${processes} other processes`} (${pids.slice(0, 5).join(', ')}) computed on the GPU while it was measured, with ${size(memory_bytes)} of its memory${partitioned ? '; the GPU is divided, so it may be on another part' : ''}`,
  throttledCpu: (seconds: number) => `the CPU was slowed down for ${duration(seconds)} while it was measured`,
  throttledGpu: (seconds: number) =>
    `a GPU was slowed down, for its heat or by its hardware, for about ${duration(seconds)} while it was measured`,
};

/** Why a quantity of the telemetry has no value. */
export const telemetryTexts = {
  noGpu: 'no NVIDIA GPU',
  notGiven: 'the driver does not give it',
  inContainer: "the worker's processes are in a container, and can't be seen from here",
  noSample: 'it ended before the first sample',
  altered: 'somebody else changed the file',
};

export interface Reading {
  name: string;
  value: number;
  limit: number;
  unit: string;
}

const named = (busiest: Named[]): string =>
  busiest.length === 0
    ? ' (by processes that cannot be seen from here, or that were too short-lived)'
    : ` (${busiest.map(({ name, pid, cores }) => `${name} ${pid}: ${cores.toFixed(2)}`).join(', ')})`;

const stolen = (steal_cores: number | null): string =>
  steal_cores !== null && steal_cores >= 0.01
    ? `; of that, the hypervisor gave ${steal_cores.toFixed(2)} cores to other machines`
    : '';
