import { DeviceMemory, SAMPLE_PERIOD_S } from './device-memory.ts';
import type { EnergyPlaces } from './sources.ts';
import type { Engine } from './engine.ts';
import { resetPeak, residentBytes } from '../resident.ts';

export const NO_PROC = 'this system has no /proc';
const NO_PASS = 'no memory pass was asked for';
const NOT_TOLD = {
  torch_allocated_peak_bytes: "the engine doesn't allocate through torch",
  torch_reserved_peak_bytes: "the engine doesn't allocate through torch",
  kv_cache_bytes: "the engine doesn't tell",
};

/** Bytes, or why there is no number. */
type Memory = Record<string, number | string>;

/** Peaks of memory while generating, in a pass of its own: looking disturbs time. */
export class MemoryPass {
  readonly #engine: Engine;
  readonly #devices: DeviceMemory;
  readonly #before: Memory;

  /** To be made before the model is read: it keeps what was in use then. */
  constructor(engine: Engine, places: EnergyPlaces) {
    this.#engine = engine;
    this.#devices = new DeviceMemory(engine.gpus ?? [], places);
    this.#before = {
      rss_before_bytes: residentBytes('VmRSS') ?? NO_PROC,
      device_vram_before_bytes: this.#devices.usedBytes() ?? this.#devices.reason!,
    };
  }

  /** Performs the calls; the payload's `memory`, and the reasons of its nulls. */
  async run(call: (iteration: number) => Promise<unknown>, iterations: number): Promise<MemoryResult> {
    const values: Memory = { ...this.#before, ...(iterations > 0 ? await this.#peaks(call, iterations) : noPeaks()) };
    const sampled = iterations > 0 && this.#devices.reason === null;
    const all: Memory = { sample_period_s: sampled ? SAMPLE_PERIOD_S : (this.#devices.reason ?? NO_PASS), ...values };
    const entries = Object.entries(all);
    return {
      memory: Object.fromEntries(entries.map(([name, value]) => [name, typeof value === 'string' ? null : value])),
      reasons: Object.fromEntries(
        entries.flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
      ),
    };
  }

  async #peaks(call: (iteration: number) => Promise<unknown>, iterations: number): Promise<Memory> {
    this.#engine.resetMemoryPeaks?.();
    const resident = resetPeak();
    const { deviceVram, processVram } = await this.#devices.peaks(async () => {
      for (let iteration = 0; iteration < iterations; iteration += 1) await call(iteration);
    });
    const unseen = this.#devices.reason ?? "the driver doesn't tell it by process here";
    return {
      rss_peak_bytes: (resident ? residentBytes('VmHWM') : null) ?? "the peak can't be started anew here",
      device_vram_peak_bytes: deviceVram ?? unseen,
      process_vram_peak_bytes: processVram ?? unseen,
      ...NOT_TOLD,
      ...this.#engine.memoryPeaks?.(),
    };
  }
}

export interface MemoryResult {
  memory: Record<string, number | null>;
  reasons: Record<string, string>;
}

function noPeaks(): Memory {
  const names = ['rss_peak_bytes', 'device_vram_peak_bytes', 'process_vram_peak_bytes', ...Object.keys(NOT_TOLD)];
  return Object.fromEntries(names.map((name) => [name, NO_PASS]));
}
