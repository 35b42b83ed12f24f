import type { Run } from '../entry.ts';
import type { MeasureRules, WarmupRules } from './decisions.ts';
import type { Engine } from './engine.ts';
import type { MemoryPass } from './memory.ts';
import type { Meter } from './meter.ts';
import { Passes, callsWithin, iterationPayload, prefillPayload } from './passes.ts';
import type { Prompts } from './prompts.ts';
import { round } from './time.ts';
import type { Workload } from './workloads.ts';

const PROGRESS_PERIOD_MS = 1000;

/** All passes over one workload: a row of the payload, and the reasons of its nulls. */
export async function measureRow(
  { request, events }: Run,
  engine: Engine,
  workload: Workload,
  prompts: Prompts,
  { memoryPass, meter }: { memoryPass: MemoryPass; meter: Meter },
) {
  const phase = (name: string) => events.phase(name);
  const rules = request.configuration.measure as unknown as MeasureRules;
  const warmup = request.configuration.warmup as unknown as WarmupRules;
  const passes = new Passes(engine, prompts, workload);
  const prefill_method = engine.prefillMethod ?? null;
  phase('warming-up');
  const { samples_s, converged, cv } = await passes.warmUp(warmup);
  phase('measuring');
  const { calls, stopped_by } = await passes.measure(rules, progress(events, rules.iterations));
  if (prefill_method !== null) phase('prefilling');
  const prefills = prefill_method === null ? [] : await passes.prefill(rules);
  phase('memory');
  const { memory, reasons } = await memoryPass.run((i) => passes.call('memory', i), rules.memory_iterations);
  const energy = await meter.energy(
    phase,
    async (iteration) => {
      const { generated, promptTokens } = await passes.call('energy', iteration);
      return { output: sum(generated.newTokens), prompt: sum(promptTokens) };
    },
    (window_s) => passes.prepare('energy', callsWithin(window_s, calls)),
  );
  return {
    row: {
      mode: 'offline',
      batch_size: workload.batchSize,
      prompt_tokens: workload.promptTokens,
      new_tokens: workload.newTokens,
      warmup: { samples_s: samples_s.map(round), converged, target_cv: warmup.target_cv, cv },
      stopped_by,
      memory,
      energy,
      generate: calls.map(iterationPayload),
      prefill: prefills.map(prefillPayload),
      prefill_method,
    },
    reasons: {
      ...Object.fromEntries(Object.entries(reasons).map(([name, reason]) => [`memory.${name}`, reason])),
      ...(prefill_method === null && { prefill: `${engine.name} can't read a prompt without generating` }),
    },
  };
}

/** Events about once a second: a result of thousands of calls needs no event for each. */
function progress(events: Run['events'], iterations: number): (done: number) => void {
  let next = 0;
  return (done) => {
    const now = performance.now();
    if (now < next) return;
    next = now + PROGRESS_PERIOD_MS;
    events.progress(done, Math.max(done, iterations), 'iterations');
  };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
