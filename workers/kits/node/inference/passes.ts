import { stoppedBy, warmupVerdict } from './decisions.ts';
import type { MeasureRules, WarmupRules, WarmupVerdict } from './decisions.ts';
import type { Engine, Generated } from './engine.ts';
import type { Pass, Prompts } from './prompts.ts';
import { clock_s, round } from './time.ts';
import type { Workload } from './workloads.ts';

/** One timed call; `elapsed_s` is the loop's own look at it. */
export interface Call {
  start_s: number;
  elapsed_s: number;
  promptTokens: number[];
  generated: Generated;
}

/** One timed forward pass; `elapsed_s` is the engine's. */
export interface PrefillCall {
  start_s: number;
  elapsed_s: number;
  promptTokens: number[];
}

/** Calls of one engine on one workload. Nothing happens within a timed call but the call. */
export class Passes {
  readonly #engine: Engine;
  readonly #prompts: Prompts;
  readonly #workload: Workload;
  readonly #ready = new Map<string, number[][]>();

  constructor(engine: Engine, prompts: Prompts, workload: Workload) {
    this.#engine = engine;
    this.#prompts = prompts;
    this.#workload = workload;
  }

  /** Makes the prompts of a pass ahead, where the time between calls counts, too. */
  prepare(pass: Pass, calls: number): void {
    for (let iteration = 0; iteration < calls; iteration += 1)
      this.#ready.set(`${pass}/${iteration}`, this.#prompts(this.#workload, pass, iteration));
  }

  /** Generates once from prompts of their own, all state forgotten. */
  async call(pass: Pass, iteration: number): Promise<Call> {
    const key = `${pass}/${iteration}`;
    const prompts = this.#ready.get(key) ?? this.#prompts(this.#workload, pass, iteration);
    this.#ready.delete(key);
    await this.#engine.reset?.();
    const start_s = clock_s();
    const generated = await this.#engine.generate(prompts, this.#workload.newTokens);
    const elapsed_s = clock_s() - start_s;
    return { start_s, elapsed_s, promptTokens: generated.promptTokens ?? lengthsOf(prompts), generated };
  }

  /** Calls until the verdict says stop. */
  async warmUp(rules: WarmupRules): Promise<WarmupVerdict & { samples_s: number[] }> {
    const samples_s: number[] = [];
    const begin_s = clock_s();
    for (;;) {
      const verdict = warmupVerdict(rules, samples_s, clock_s() - begin_s);
      if (verdict.stop) return { ...verdict, samples_s };
      const { elapsed_s } = await this.call('warm-up', samples_s.length);
      samples_s.push(elapsed_s);
    }
  }

  /** Calls until there is enough, or time is up; `progress` is told between calls. */
  async measure(
    rules: MeasureRules,
    progress: (done: number) => void,
  ): Promise<{ calls: Call[]; stopped_by: 'enough' | 'max_s' }> {
    const calls: Call[] = [];
    const begin_s = clock_s();
    for (;;) {
      const stopped_by = stoppedBy(rules, calls.length, clock_s() - begin_s);
      if (stopped_by !== null) return { calls, stopped_by };
      calls.push(await this.call('generate', calls.length));
      progress(calls.length);
    }
  }

  /** Reads prompts only: as many times as `iterations` says, within `max_s`. */
  async prefill({ iterations, max_s }: MeasureRules): Promise<PrefillCall[]> {
    const calls: PrefillCall[] = [];
    const begin_s = clock_s();
    while (calls.length < iterations && clock_s() - begin_s < max_s) {
      const prompts = this.#prompts(this.#workload, 'prefill', calls.length);
      await this.#engine.reset?.();
      const start_s = clock_s();
      const elapsed_s = await this.#engine.prefill!(prompts);
      calls.push({ start_s, elapsed_s, promptTokens: lengthsOf(prompts) });
    }
    return calls;
  }
}

const MOST_PREPARED = 1000;

/** How many calls as fast as the fastest of these fill a window; bounded, for they are only prepared. */
export function callsWithin(window_s: number, calls: readonly Call[]): number {
  const fastest_s = calls.reduce((fastest, { elapsed_s }) => Math.min(fastest, elapsed_s), Infinity);
  return Math.ceil(Math.min(MOST_PREPARED, window_s / fastest_s));
}

const lengthsOf = (prompts: number[][]): number[] => prompts.map(({ length }) => length);

/** A call as it stands in the result, its times rounded to µs. */
export const iterationPayload = ({ start_s, promptTokens, generated }: Call) => ({
  start_s: round(start_s),
  prompt_tokens: promptTokens,
  new_tokens: generated.newTokens,
  token_times_s: generated.tokenTimes_s.map((times) => times.map(round)),
});

/** A forward pass as it stands in the result, its times rounded to µs. */
export const prefillPayload = ({ start_s, elapsed_s, promptTokens }: PrefillCall) => ({
  start_s: round(start_s),
  elapsed_s: round(elapsed_s),
  prompt_tokens: promptTokens,
});
