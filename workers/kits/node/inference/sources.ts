import type { Counter } from './counters.ts';
import { openNvml } from './nvml.ts';
import { raplCounters } from './rapl.ts';

/** The counters of this machine, and why others are missing: source → reason. */
export interface Sources {
  counters: Counter[];
  missing: Record<string, string>;
}

export interface EnergyPlaces {
  powercap?: string | undefined;
  library?: string | undefined;
  /** A node_modules folder in which koffi may lie. */
  modules?: string | undefined;
}

/** Every counter of the GPUs in use and of the processors. */
export function findSources(gpus: readonly (number | string)[], places: EnergyPlaces = {}): Sources {
  const rapl = raplCounters(places.powercap);
  const nvml = nvmlCounters(gpus, places);
  return {
    counters: [...nvml.counters, ...rapl.counters],
    missing: {
      ...(rapl.reason !== null && { rapl: rapl.reason }),
      ...(nvml.reason !== null && { 'nvml-counter': nvml.reason }),
    },
  };
}

/** Why there is no counter at all: what is wrong with the GPUs in use says more than the processor. */
export function reasonOf({ missing }: Sources): string {
  const { rapl = 'no_rapl', 'nvml-counter': nvml } = missing;
  return nvml ?? (rapl === 'no_rapl' ? 'no_gpu_no_rapl' : rapl);
}

function nvmlCounters(
  gpus: readonly (number | string)[],
  { modules, library }: EnergyPlaces,
): { counters: Counter[]; reason: string | null } {
  if (gpus.length === 0) return { counters: [], reason: null };
  const nvml = openNvml(modules, library);
  if ('reason' in nvml) return { counters: [], reason: nvml.reason };
  try {
    const counters = gpus.map((gpu, position): Counter => {
      const { energy_uj } = nvml.device(gpu);
      energy_uj();
      return { name: `gpu${position}`, source: 'nvml-counter', scope: 'device', read: energy_uj, range_uj: null };
    });
    return { counters, reason: null };
  } catch (error) {
    return { counters: [], reason: `nvml_not_supported: ${(error as Error).message}` };
  }
}
