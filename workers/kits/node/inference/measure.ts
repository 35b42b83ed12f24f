import type { Run } from '../entry.ts';
import { Unsupported } from '../errors.ts';
import type { JsonObject } from '../request.ts';
import type { Outcome } from '../result.ts';
import type { MeasureRules, WarmupRules } from './decisions.ts';
import { energyPass, findSources, idleEnergy, noSources, notIdle, reasonOf, unavailable } from './energy.ts';
import type { Energy, EnergyPlaces, Idle, Sources } from './energy.ts';
import type { Engine } from './engine.ts';
import { knownOfModel } from './folders.ts';
import { loadEngine } from './loading.ts';
import type { MemoryPass } from './memory.ts';
import { Passes, iterationPayload, prefillPayload } from './passes.ts';
import { promptsOfFile, randomPrompts } from './prompts.ts';
import type { Prompts } from './prompts.ts';
import { round } from './time.ts';
import { workloadOrder, workloadsOf } from './workloads.ts';
import type { Workload } from './workloads.ts';

/** What concerns the workloads and the loop stands elsewhere in the result. */
const NOT_SETTINGS = new Set([
  'model',
  'workloads',
  'prompts',
  'warmup',
  'measure',
  'energy',
  'batch_size',
  'prompt_tokens',
  'new_tokens',
]);
const PROGRESS_PERIOD_MS = 1000;

/**
 * Measures all workloads of the configuration; the payload is an `llm-inference` one. Phases: importing, loading, idle,
 * first-call, then for each workload warming-up, measuring, prefilling, memory, energy; at last teardown, when the
 * result is on the disk.
 */
export async function measureInference(task: Run, engine: Engine, places: EnergyPlaces = {}): Promise<Outcome> {
  const { configuration, seed } = task.request;
  task.closing.push(() => engine.close?.());
  const workloads = workloadsOf(configuration);
  const { load, reasons: loadReasons, memoryPass } = await loadEngine(task, engine, workloads, places);
  const prompts = promptsOf(task, engine, workloads);
  const meter = await idle(task, engine, places);
  const order = workloadOrder(seed, workloads.length).map((index) => workloads[index]!);
  task.events.phase('first-call');
  const firstCall = await new Passes(engine, prompts, order[0]!).call('first-call', 0);
  const reasons: Record<string, string> = { ...loadReasons };
  const measured: object[] = [];
  for (const [position, workload] of order.entries()) {
    const passes = new Passes(engine, prompts, workload);
    const result = await measureWorkload(task, engine, workload, passes, memoryPass, meter);
    measured[workload.index] = { ...result.payload, order: position };
    for (const [name, reason] of Object.entries(result.reasons))
      reasons[`workloads.${workload.index}.${name}`] = reason;
  }
  const payload = {
    engine: {
      name: engine.name,
      version: engine.version ?? null,
      through: engine.through ?? null,
      build: engine.build?.() ?? {},
    },
    model: { ...(await knownOfModel(task.request, engine.modelFiles)), ...engine.describeModel() },
    settings: { asked: { ...asked(configuration), ...engine.asked?.() }, effective: engine.effective?.() ?? {} },
    load: { ...load, first_call_s: round(firstCall.elapsed_s) },
    workloads: measured,
    versions: { node: process.versions.node, ...engine.versions?.() },
    warnings: [], // they are events
    reasons,
  };
  return { kind: 'llm-inference', payload };
}

function promptsOf({ request, events }: Run, engine: Engine, workloads: Workload[]): Prompts {
  const file = request.configuration.prompts;
  if (typeof file !== 'string') return randomPrompts(request.seed, engine.allowedIds());
  if (!engine.encode)
    throw new Unsupported(`${engine.name} can't read prompts from a file: leave out the setting \`prompts\``);
  const longest = Math.max(...workloads.map(({ promptTokens }) => promptTokens));
  return promptsOfFile(file, engine.encode.bind(engine), longest, (message) =>
    events.warning('prompts-repeat', message),
  );
}

interface Meter {
  sources: Sources;
  idle: Idle;
  /** null: no energy was asked for. */
  window_s: number | null;
}

async function idle({ request, events }: Run, engine: Engine, places: EnergyPlaces): Promise<Meter> {
  const asked = request.configuration.energy as { window_s: number } | null;
  if (asked === null) return { sources: noSources, idle: notIdle, window_s: null };
  const { window_s } = asked;
  const sources = findSources(engine.gpus ?? [], places);
  if (sources.counters.length === 0) return { sources, idle: notIdle, window_s };
  events.phase('idle');
  return { sources, idle: await idleEnergy(sources, window_s), window_s };
}

async function measureWorkload(
  { request, events }: Run,
  engine: Engine,
  workload: Workload,
  passes: Passes,
  memoryPass: MemoryPass,
  meter: Meter,
) {
  const rules = request.configuration.measure as unknown as MeasureRules;
  const warmup = request.configuration.warmup as unknown as WarmupRules;
  events.phase('warming-up');
  const { samples_s, converged, cv } = await passes.warmUp(warmup);
  events.phase('measuring');
  const { calls, stopped_by } = await passes.measure(rules, progress(events, rules.iterations));
  const prefill_method = engine.prefillMethod ?? null;
  if (prefill_method !== null) events.phase('prefilling');
  const prefills = prefill_method === null ? [] : await passes.prefill(rules);
  events.phase('memory');
  const { memory, reasons } = await memoryPass.run((i) => passes.call('memory', i), rules.memory_iterations);
  return {
    payload: {
      mode: 'offline',
      batch_size: workload.batchSize,
      prompt_tokens: workload.promptTokens,
      new_tokens: workload.newTokens,
      warmup: { samples_s: samples_s.map(round), converged, target_cv: warmup.target_cv, cv },
      stopped_by,
      memory,
      energy: await energyOf(events, passes, meter),
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

async function energyOf(events: Run['events'], passes: Passes, { sources, idle, window_s }: Meter): Promise<Energy> {
  if (window_s === null) return unavailable('not asked for');
  if (sources.counters.length === 0) return unavailable(reasonOf(sources));
  events.phase('energy');
  const call = async (iteration: number) => {
    const { generated, promptTokens } = await passes.call('energy', iteration);
    return { output: sum(generated.newTokens), prompt: sum(promptTokens) };
  };
  return energyPass(call, sources, idle, window_s);
}

const asked = (configuration: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(configuration).filter(([name]) => !NOT_SETTINGS.has(name)));

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
