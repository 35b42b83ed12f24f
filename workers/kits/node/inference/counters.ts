/** A counter of energy that only ever grows, wraps at its range, or starts again. */
export interface Counter {
  /** Such as `gpu0`, `package-0`, `dram-0`. */
  name: string;
  source: 'nvml-counter' | 'rapl';
  scope: 'device' | 'package' | 'core' | 'dram' | 'platform';
  /** In µJ. */
  read(): number;
  /** Where it wraps; null where it never does. */
  range_uj: number | null;
}

/** Energy of one counter over a window, or the reason why there is none. */
export interface Reading {
  joules: number | null;
  reason: string | null;
  samples: number;
}

/** The sum of the steps between readings in µJ; a counter that started again, or stood still, tells nothing. */
export function energyOf(readings: readonly number[], range_uj: number | null): Reading {
  const samples = readings.length;
  let total_uj = 0;
  for (let index = 1; index < samples; index += 1) {
    const step_uj = step(readings[index - 1]!, readings[index]!, range_uj);
    if (step_uj === null) return { joules: null, reason: 'counter_reset', samples };
    total_uj += step_uj;
  }
  if (total_uj === 0) return { joules: null, reason: 'counter_did_not_move', samples };
  return { joules: total_uj / 1e6, reason: null, samples };
}

/**
 * µJ between two readings, null when the counter started again. Readings follow each other quickly: a wrap that would
 * mean more than half of the range is none.
 */
function step(before: number, after: number, range_uj: number | null): number | null {
  if (after >= before) return after - before;
  if (range_uj === null) return null;
  const wrapped = after + range_uj - before;
  return wrapped > range_uj / 2 ? null : wrapped;
}

/** Reads all counters together, again and again; one that can't be read is out of the game. */
export class Window {
  readonly #counters: readonly Counter[];
  readonly #readings: Map<string, number[]>;
  readonly #unreadable = new Map<string, string>();

  constructor(counters: readonly Counter[]) {
    this.#counters = counters;
    this.#readings = new Map(counters.map(({ name }) => [name, []]));
  }

  /** Reads every counter once. */
  sample(): void {
    this.#read(this.#counters);
  }

  /** From now on also reads those that wrap, until the returned function is called: one call may last longer than a wrap. */
  watch(every_s: number): () => void {
    const wrapping = this.#counters.filter(({ range_uj }) => range_uj !== null);
    if (wrapping.length === 0) return () => {};
    const timer = setInterval(() => this.#read(wrapping), 1000 * every_s).unref();
    return () => clearInterval(timer);
  }

  #read(counters: readonly Counter[]): void {
    for (const { name, read } of counters) {
      if (this.#unreadable.has(name)) continue;
      try {
        this.#readings.get(name)!.push(read());
      } catch (error) {
        this.#unreadable.set(name, `counter_unreadable: ${String(error)}`);
      }
    }
  }

  /** Energy between the first and the last reading, by the counter's name. */
  energy(): Map<string, Reading> {
    return new Map(
      this.#counters.map(({ name, range_uj }) => {
        const readings = this.#readings.get(name)!;
        const reason = this.#unreadable.get(name);
        if (reason !== undefined) return [name, { joules: null, reason, samples: readings.length }];
        return [name, energyOf(readings, range_uj)];
      }),
    );
  }
}
