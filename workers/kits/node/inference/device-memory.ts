import { openNvml } from './nvml.ts';
import type { Device } from './nvml.ts';
import type { EnergyPlaces } from './sources.ts';

export const SAMPLE_PERIOD_S = 0.01;

/** Peaks in bytes while it was looked; null where nothing was seen, or not until the end. */
export interface DevicePeaks {
  deviceVram: number | null;
  processVram: number | null;
}

/** Memory of all GPUs in use together. */
export class DeviceMemory {
  /** Why nothing can be seen, or no longer. */
  reason: string | null;
  readonly #devices: Device[] = [];

  constructor(gpus: readonly (number | string)[], { modules, library }: EnergyPlaces) {
    this.reason = gpus.length === 0 ? 'no GPU in use' : this.#open(gpus, modules, library);
  }

  /** In use on the devices, by anybody; null where nothing can be seen. */
  usedBytes(): number | null {
    if (this.reason !== null) return null;
    try {
      return this.#used();
    } catch (error) {
      this.reason = nvmlSays(error);
      return null;
    }
  }

  /** Looks again and again, as often as the event loop allows, until `during` is done. */
  async peaks(during: () => Promise<void>): Promise<DevicePeaks> {
    const peaks = { ...UNSEEN };
    if (this.reason !== null) {
      await during();
      return peaks;
    }
    const look = () => {
      const used = this.usedBytes();
      if (used === null) return;
      peaks.deviceVram = larger(peaks.deviceVram, used);
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
    return this.reason === null ? peaks : { ...UNSEEN }; // the peak may have come later
  }

  #open(gpus: readonly (number | string)[], modules?: string, library?: string): string | null {
    const nvml = openNvml(modules, library);
    if ('reason' in nvml) return nvml.reason;
    try {
      this.#devices.push(...gpus.map((gpu) => nvml.device(gpu)));
      this.#used();
      return null;
    } catch (error) {
      return nvmlSays(error);
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

const UNSEEN: DevicePeaks = { deviceVram: null, processVram: null };

const nvmlSays = (error: unknown): string => `NVML: ${(error as Error).message}`;

const larger = (known: number | null, seen: number | null): number | null =>
  seen === null ? known : Math.max(known ?? 0, seen);
