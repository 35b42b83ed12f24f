import { size } from '../assets/progress.ts';
import { duration } from '../duration.ts';

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
    `${processes === 1 ? 'another process' : `${processes} other processes`} (${pids.slice(0, 5).join(', ')}) computed on the GPU meanwhile, with ${size(memory_bytes)} of its memory${partitioned ? '; the GPU is divided, so it may be on another part' : ''}`,
  throttledCpu: (seconds: number) => `the CPU was slowed down for ${duration(seconds)} while it was measured`,
  throttledGpu: (seconds: number) =>
    `a GPU was slowed down, for its heat or by its hardware, for about ${duration(seconds)} while it was measured`,
};

interface Reading {
  name: string;
  value: number;
  limit: number;
  unit: string;
}

/** Texts of the gap before a measurement. */
export const coolingTexts = {
  none: 'the study asks for no gap',
  first: 'nothing was measured here since the machine started',
  over: (gap_s: number) => `idle for longer than the gap of ${gap_s} s`,
  notStarted: 'not started',
  gap: (gap_s: number, isBoundary: boolean) => `gap of ${gap_s} s${isBoundary ? ' between cycles' : ''}`,
  /** `left_s` of the least gap, and `most_s` at most. */
  countdown: (left_s: number, most_s: number | null, readings: Reading[]) =>
    [
      left_s > 0 ? `cooling down for ${left_s.toFixed(0)} s` : 'cooling down',
      ...(most_s !== null && most_s > left_s ? [`${most_s.toFixed(0)} s at most`] : []),
      ...(readings.length > 0 ? [coolingTexts.readings(readings)] : []),
    ].join(', '),
  readings: (readings: Reading[]) =>
    readings
      .map(({ name, value, limit, unit }) => {
        const digits = unit === 'cores' ? 2 : 0;
        return unit === 'yes'
          ? name
          : `${name} ${value.toFixed(digits)} ${UNITS[unit] ?? unit} (until ${limit.toFixed(digits)})`;
      })
      .join(', '),
  criterion: (criterion: 'temperature' | 'others-cpu', why: string | null) =>
    `${criterion === 'temperature' ? 'by temperature' : 'by what others use of the CPU'}${why === null ? '' : ` (${why})`}`,
  endedByMax: (waited_s: number, readings: Reading[]) =>
    `it was started after the longest gap, ${duration(waited_s)}, though the machine had not recovered: ${readings.length > 0 ? coolingTexts.readings(readings) : 'nothing could be read so soon'}`,
};

const UNITS: Record<string, string> = { degC: '°C' };

const named = (busiest: Named[]): string =>
  busiest.length === 0
    ? ' (by processes that can not be seen from here, or were too short-lived)'
    : ` (${busiest.map(({ name, pid, cores }) => `${name} ${pid}: ${cores.toFixed(2)}`).join(', ')})`;

const stolen = (steal_cores: number | null): string =>
  steal_cores !== null && steal_cores >= 0.01
    ? `; of that, the hypervisor gave ${steal_cores.toFixed(2)} cores to other machines`
    : '';
