import type { Engine, Generated } from '../../../../workers/kits/node/inference/index.ts';

/** An engine of a conformance case: seconds of its work, in order, the last one again and again. */
export interface Script {
  import_s: number;
  read_s: number;
  /** null: it has no such time of its own. */
  context_s: number | null;
  generate_s: number[];
  prefill_s: number[];
  prefill_method: 'forward' | 'one-token' | null;
  /** It counts the tokens of prompts itself, and has times for each sequence. */
  own_counts?: boolean;
}

/** The engine, what it was called for, and a clock in seconds that moves only while it works. */
export function scripted(script: Script) {
  const calls: string[] = [];
  let now_s = 0;
  const work = (seconds: number) => {
    now_s += seconds;
    return seconds;
  };
  const next = (times: number[], done: number) => work(times[Math.min(done, times.length - 1)]!);
  const done = { generate: 0, prefill: 0 };
  const log = (name: string, prompts: number[][], newTokens?: number) =>
    calls.push(`${name} ${prompts.length}x${prompts[0]!.length}${newTokens === undefined ? '' : `+${newTokens}`}`);

  const engine: Engine = {
    name: 'scripted',
    prefillMethod: script.prefill_method,
    modelFiles: [],
    async importModules() {
      work(script.import_s);
    },
    async readModel() {
      work(script.read_s);
    },
    async makeContext(workloads) {
      calls.push(`context for ${workloads.length}`);
      work(script.context_s ?? 0);
      return script.context_s === null ? 'no context of its own' : null;
    },
    describeModel: () => ({ format: 'gguf', weights: 'real', parameters: 135 }),
    allowedIds: () => Array.from({ length: 100 }, (_, index) => 100 + index),
    async reset() {
      calls.push('reset');
    },
    async generate(prompts, newTokens): Promise<Generated> {
      log('generate', prompts, newTokens);
      const seconds = next(script.generate_s, done.generate++);
      const times_s = Array.from({ length: newTokens }, (_, k) => (seconds * (k + 1)) / newTokens);
      const newTokensEach = prompts.map(() => newTokens);
      if (!script.own_counts) return { tokenTimes_s: [times_s], newTokens: newTokensEach };
      const own = { promptTokens: prompts.map(({ length }) => length), newTokens: newTokensEach };
      return { tokenTimes_s: prompts.map(() => times_s), ...own };
    },
    async prefill(prompts) {
      log('prefill', prompts);
      return next(script.prefill_s, done.prefill++);
    },
  };
  return { engine, calls, clock_s: () => now_s };
}
