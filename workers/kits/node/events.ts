import { closeSync, openSync, writeSync } from 'node:fs';
import { jsonText } from './json.ts';
import type { JsonObject } from './request.ts';

/** events.jsonl: what happens while a measurement runs. Each event is one write to a file opened for appending. */
export class Events {
  readonly #descriptor: number;

  constructor(path: string) {
    this.#descriptor = openSync(path, 'a', 0o644);
  }

  /** The measurement enters a phase. */
  phase(phase: string): void {
    this.#append({ event: 'phase', phase });
  }

  /** `done` of `total` units are finished; `total` is null when it is not known. */
  progress(done: number, total: number | null, unit: string, detail?: JsonObject): void {
    this.#append({ event: 'progress', done, total, unit, ...(detail && { detail }) });
  }

  /** Something that a reader of the result should know. */
  warning(code: string, message: string): void {
    this.#append({ event: 'warning', code, message });
  }

  /** The process is alive though there is nothing to report. */
  heartbeat(): void {
    this.#append({ event: 'heartbeat' });
  }

  /** The measurement ends here, without a result. */
  failure(type: string, message: string, traceback: string | null = null): void {
    this.#append({ event: 'failure', type, message, traceback });
  }

  /** Beats until the returned function is called; keeps no process alive. */
  heartbeats(everyMs = 10_000): () => void {
    const timer = setInterval(() => this.heartbeat(), everyMs).unref();
    return () => clearInterval(timer);
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #append(event: JsonObject): void {
    writeSync(this.#descriptor, `${jsonText({ t: Math.round(Date.now()) / 1000, ...event })}\n`);
  }
}
