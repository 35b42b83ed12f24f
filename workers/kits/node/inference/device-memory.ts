import { openNvml } from './nvml.ts';
import type { Device } from './nvml.ts';
import type { EnergyPlaces } from './sources.ts';

export const SAMPLE_PERIOD_S = 0.01;

/** Peaks in bytes while it was looked; null where nothing was seen. */
export interface DevicePeaks {
  deviceVram: number | null;
  processVram: number | null;
}

/** Memory of all GPUs in use together. */
export class DeviceMemory {
  /** Why nothing can be seen. */
  readonly reason: string | null;
  readonly #devices: Device[] = [];

  constructor(gpus: readonly (number | string)[], { modules, library }: EnergyPlaces) {
    this.reason = gpus.length === 0 ? 'no GPU in use' : this.#open(gpus, modules, library);
  }

  /** In use on the devices, by anybody; null where nothing can be seen. */
  usedBytes(): number | null {
    return this.reason === null ? this.#used() : null;
  }

  /** Looks again and again, as often as the event loop allows, until `during` is done. */
  async peaks(during: () => Promise<void>): Promise<DevicePeaks> {
    const peaks: DevicePeaks = { deviceVram: null, processVram: null };
    if (this.reason !== null) {
      await during();
      return peaks;
    }
    const look = () => {
      peaks.deviceVram = larger(peaks.deviceVram, this.#used());
      peaks.processVram = larger(peaks.processVram, this.#ownBytes());
    };
    look();
    const timer = setInterval(look, 1000 * SAMPLE_PERIOD_S);
    try {
      await during();
      look();
    } finally {
      clearInterval(timer);
    }
    return peaks;
  }

  #open(gpus: readonly (number | string)[], modules?: string, library?: string): string | null {
    const nvml = openNvml(modules, library);
    if ('reason' in nvml) return nvml.reason;
    try {
      this.#devices.push(...gpus.map((gpu) => nvml.device(gpu)));
      this.#used();
      return null;
    } catch (error) {
      return `NVML: ${(error as Error).message}`;
    }
  }

  #used(): number {
    return this.#devices.reduce((sum, device) => sum + device.usedBytes(), 0);
  }

  /** null where the driver doesn't tell for one of the devices. */
  #ownBytes(): number | null {
    return this.#devices.reduce<number | null>((sum, device) => {
      const used = device.processBytes(process.pid);
      return sum === null || used === null ? null : sum + used;
    }, 0);
  }
}

const larger = (known: number | null, seen: number | null): number | null =>
  seen === null ? known : Math.max(known ?? 0, seen);
