import { energyPass, idleEnergy, notIdle, unavailable } from './energy.ts';
import type { Energy, Idle } from './energy.ts';
import { findSources, reasonOf } from './sources.ts';
import type { EnergyPlaces, Sources } from './sources.ts';

type Phase = (phase: string) => void;

/** Energy of the workloads of one process: sources once, idling once, then a window for each workload. */
export class Meter {
  readonly #window_s: number | null;
  readonly #sources: Sources;
  #idle: Idle = notIdle;

  /** To be made when the model is loaded; `window_s` null: no energy was asked for. */
  constructor(window_s: number | null, gpus: readonly (number | string)[], places: EnergyPlaces) {
    this.#window_s = window_s;
    this.#sources = window_s === null ? { counters: [], missing: {} } : findSources(gpus, places);
  }

  /** Measures idling, where there is a counter. */
  async idle(phase: Phase): Promise<void> {
    if (this.#window_s === null || this.#sources.counters.length === 0) return;
    phase('idle');
    this.#idle = await idleEnergy(this.#sources, this.#window_s);
  }

  /** Measures a window of calls, which tell their tokens; `prepare` is called before with the seconds that it takes. */
  async energy(
    phase: Phase,
    call: Parameters<typeof energyPass>[0],
    prepare: (window_s: number) => void,
  ): Promise<Energy> {
    if (this.#window_s === null) return unavailable('not asked for');
    if (this.#sources.counters.length === 0) return unavailable(reasonOf(this.#sources));
    phase('energy');
    prepare(this.#window_s);
    return energyPass(call, this.#sources, this.#idle, this.#window_s);
  }
}
