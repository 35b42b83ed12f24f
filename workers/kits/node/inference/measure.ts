import { refuseTwoFiles } from '../dataset/index.ts';
import type { Run } from '../entry.ts';
import type { JsonObject } from '../request.ts';
import type { Outcome } from '../result.ts';
import type { Engine } from './engine.ts';
import { knownOfModel } from './folders.ts';
import { loadEngine } from './loading.ts';
import { Meter } from './meter.ts';
import { Passes } from './passes.ts';
import { encoderOf, promptsOfDataset, promptsOfFile, randomPrompts } from './prompts.ts';
import type { DatasetSetting, Prompts } from './prompts.ts';
import { measureRow } from './rows.ts';
import type { EnergyPlaces } from './sources.ts';
import { round } from './time.ts';
import { workloadOrder, workloadsOf } from './workloads.ts';

/** What concerns the workloads and the loop stands elsewhere in the payload. */
const NOT_SETTINGS = new Set([
  'model',
  'workloads',
  'prompts',
  'dataset',
  'warmup',
  'measure',
  'energy',
  'batch_size',
  'prompt_tokens',
  'new_tokens',
]);

/**
 * Measures all workloads of the configuration; the payload is an `llm-inference` one. Phases: importing, loading, idle,
 * first-call, then for each workload warming-up, measuring, prefilling, memory, energy; at last teardown, when the
 * result is on the disk.
 */
export async function measureInference(task: Run, engine: Engine, places: EnergyPlaces = {}): Promise<Outcome> {
  const { request, events } = task;
  const { configuration, seed } = request;
  const phase = (name: string) => events.phase(name);
  task.closing.push(() => engine.close?.());
  const workloads = workloadsOf(configuration);
  refuseTwoFiles(configuration);
  const { load, memoryPass, reasons } = await loadEngine(task, engine, workloads, places);
  const prompts = promptsOf(task, engine, Math.max(...workloads.map(({ promptTokens }) => promptTokens)));
  const energy = configuration.energy as { window_s: number } | null;
  const meter = new Meter(energy?.window_s ?? null, engine.gpus ?? [], places);
  await meter.idle(phase);
  const order = workloadOrder(seed, workloads.length).map((index) => workloads[index]!);
  phase('first-call');
  const firstCall = await new Passes(engine, prompts, order[0]!).call('first-call', 0);
  const rows: object[] = [];
  for (const [position, workload] of order.entries()) {
    const measured = await measureRow(task, engine, workload, prompts, { memoryPass, meter });
    rows[workload.index] = { ...measured.row, order: position };
    for (const [name, reason] of Object.entries(measured.reasons))
      reasons[`workloads.${workload.index}.${name}`] = reason;
  }
  const payload = {
    engine: {
      name: engine.name,
      version: engine.version ?? null,
      through: engine.through ?? null,
      build: engine.build?.() ?? {},
    },
    model: { ...(await knownOfModel(request, engine.modelFiles)), ...engine.describeModel() },
    settings: { asked: { ...askedOf(configuration), ...engine.asked?.() }, effective: engine.effective?.() ?? {} },
    load: { ...load, first_call_s: round(firstCall.elapsed_s) },
    workloads: rows,
    versions: { node: process.versions.node, ...engine.versions?.() },
    warnings: [], // they are events
    reasons,
  };
  return { kind: 'llm-inference', payload };
}

/** Made when the engine is loaded, whose memory and seconds hold nothing of them. */
function promptsOf({ request, events }: Run, engine: Engine, longest: number): Prompts {
  const { configuration, seed } = request;
  const warn = events.warning.bind(events);
  const dataset = (configuration.dataset ?? null) as DatasetSetting | null;
  if (dataset !== null) return promptsOfDataset(dataset, { engine, seed, longest, warn });
  const file = configuration.prompts;
  if (typeof file !== 'string') return randomPrompts(seed, engine.allowedIds());
  return promptsOfFile(file, encoderOf(engine), longest, (message) => warn('prompts-repeat', message));
}

const askedOf = (configuration: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(configuration).filter(([name]) => !NOT_SETTINGS.has(name)));
