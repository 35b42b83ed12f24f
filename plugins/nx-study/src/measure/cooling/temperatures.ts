import { nvidiaSmi } from '../../machine/nvidia-smi.ts';
import { gpuStates } from '../../machine/sensors/nvidia.ts';
import { cpuTemperature } from '../../machine/sensors/temperature.ts';
import type { Temperature } from '../../machine/sensors/temperature.ts';

export interface Temperatures {
  /** Of the CPU, and of each GPU that a worker sees. */
  temperatures: Temperature[];
  /** GPUs that are still slowed down for their heat. */
  throttled: string[];
  /** Why something can't be read. */
  missing: string[];
}

export type ReadTemperatures = () => Promise<Temperatures>;

/** `stop` ends waiting for a GPU's driver. */
export async function readTemperatures(hasGpu: boolean, stop: AbortSignal): Promise<Temperatures> {
  const cpu = cpuTemperature();
  const gpus = hasGpu ? await gpuStates(nvidiaSmi({ signal: stop })) : null;
  const states = gpus?.value ?? [];
  return {
    temperatures: [
      ...(cpu.value === null ? [] : [cpu.value]),
      // By UUID: their numbers may change with the next start of the machine.
      ...states.flatMap(({ uuid, celsius }) => (celsius === null ? [] : { sensor: uuid, celsius })),
    ],
    throttled: states.filter(({ throttled }) => throttled === true).map(({ uuid }) => uuid),
    missing: [cpu.reason, gpus?.reason ?? null].filter((reason) => reason !== null),
  };
}
