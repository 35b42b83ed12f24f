import { constants } from 'node:os';

type StopSignal = 'SIGTERM' | 'SIGINT';

/** The wish to stop. Before `defer()` signals keep their default effect: the process dies at once. */
export class Stop {
  #signal: StopSignal | null = null;

  /** From now on only remember the signal: the worker polls `requested` and saves what it has. */
  defer(): void {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => (this.#signal = signal));
  }

  /** Someone asked to stop since `defer()`. */
  get requested(): boolean {
    return this.#signal !== null;
  }

  /** What a shell shows for the signal: 143 for SIGTERM, 130 for SIGINT. */
  get exitCode(): number {
    return 128 + constants.signals[this.#signal ?? 'SIGTERM'];
  }
}
