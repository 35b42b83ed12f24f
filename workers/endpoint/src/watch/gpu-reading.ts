import { round } from '../../../kits/node/inference/time.ts';

/** The GPUs of a server at one time, together; null where one of them doesn't tell it. */
export interface GpuReading {
  at_s: number;
  gpus: number;
  /** The sum of them. */
  power_w: number | null;
  memory_bytes: number | null;
  /** The mean of them. */
  utilisation_percent: number | null;
  sm_clock_mhz: number | null;
}

export interface GpuReadings {
  source: string;
  period_s: number;
  failed: number;
  readings: GpuReading[];
}

/** What one GPU tells. */
export type GpuValues = Omit<GpuReading, 'at_s' | 'gpus'>;

/** All GPUs of one reading. */
export function together(at_s: number, gpus: readonly GpuValues[]): GpuReading {
  const sum = (key: keyof GpuValues): number | null =>
    gpus.reduce((total: number | null, one) => (total === null || one[key] === null ? null : total + one[key]), 0);
  const mean = (key: keyof GpuValues): number | null => {
    const total = sum(key);
    return total === null ? null : total / gpus.length;
  };
  return {
    at_s: round(at_s),
    gpus: gpus.length,
    power_w: sum('power_w'),
    memory_bytes: sum('memory_bytes'),
    utilisation_percent: mean('utilisation_percent'),
    sm_clock_mhz: mean('sm_clock_mhz'),
  };
}
