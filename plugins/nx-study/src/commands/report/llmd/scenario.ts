import { z } from 'zod';
import { canonicalJson } from '../../../base/canonical.ts';
import type { Sha256 } from '../../../base/canonical.ts';
import type { Json, JsonObject } from '../../../base/json.ts';
import { isVaried } from '../../../kinds/llm-inference/lengths.ts';
import { defined } from './defined.ts';
import type { Exported } from './exported.ts';
import { llmdTexts as texts } from './texts.ts';

/** The format wants the version of each tool. */
const UNKNOWN = 'unknown';

/** `scenario` of a Benchmark Report: the engine and the machine, and what was asked of them. */
export const scenarioPart = (exported: Exported, hash: Sha256): JsonObject => ({
  stack: [enginePart(exported, hash), hostPart(exported, hash)],
  load: loadPart(exported, hash),
});

/**
 * As an `inference_engine` where it is known which accelerators it used, and how: without them that kind isn't valid, and
 * what it leaves out counts as 1. As a `generic` component otherwise.
 */
function enginePart({ record, payload: { engine, model, settings, versions } }: Exported, hash: Sha256): JsonObject {
  const accelerator = acceleratorOf(settings.effective, record.machine);
  const tool = { tool: engine.name, tool_version: engine.version ?? UNKNOWN, model: { name: model.name } };
  const { asked, effective } = settings;
  const config = { engine, model, settings: { asked, effective }, versions } as JsonObject;
  return component(
    'engine',
    accelerator === null
      ? { kind: 'generic', ...tool }
      : { kind: 'inference_engine', ...tool, role: 'replica', replicas: 1, accelerator },
    { config, hash },
  );
}

function hostPart({ record: { machine }, workload }: Exported, hash: Sha256): JsonObject {
  const { os, os_release, system } = hostSchema.parse(machine);
  const tool = { kind: 'generic', tool: os ?? system ?? UNKNOWN, tool_version: os_release ?? UNKNOWN };
  const description = workload.mode === 'offline' ? texts.host.offline : texts.host.served;
  return component('host', tool, { config: machine, hash, description });
}

interface Native {
  config: JsonObject;
  hash: Sha256;
  description?: string;
}

const component = (label: string, standardized: JsonObject, { config, hash, description }: Native): JsonObject => ({
  metadata: defined({ label, cfg_id: hash(canonicalJson(config)), description }),
  standardized,
  native: { config },
});

function loadPart({ row, record, payload, workload }: Exported, hash: Sha256): JsonObject {
  const served = workload.mode === 'offline' ? null : workload;
  const own: JsonObject =
    workload.mode === 'offline'
      ? { batch_size: workload.batch_size }
      : { concurrency: workload.concurrency, rate_per_s: workload.rate_per_s, length: workload.length };
  const { mode, prompt_tokens, new_tokens } = workload;
  const config: JsonObject = { mode, prompt_tokens, new_tokens, ...own, configuration: record.configuration };
  const isExact = served === null || served.length === 'exact';
  // A request for embeddings has several texts of that length.
  const times = { prompt_tokens: served?.embeddings?.inputs ?? 1, new_tokens: 1 };
  const fixed = (setting: 'prompt_tokens' | 'new_tokens'): JsonObject | undefined =>
    workload[setting] === null || isVaried(workload, setting)
      ? undefined
      : { distribution: 'fixed', value: times[setting] * workload[setting] };
  return {
    metadata: {
      cfg_id: hash(canonicalJson(config)),
      description: texts.workload(row.part.name, row.part.index + 1, row.part.of),
      treatment: record.label,
    },
    standardized: defined({
      tool: `nx-study ${record.worker}`,
      tool_version: hostSchema.parse(record.machine).nx_study ?? UNKNOWN,
      source: sourceOf(record.configuration, payload.prompt_salt !== undefined),
      stage: workload.order,
      input_seq_len: fixed('prompt_tokens'),
      output_seq_len: isExact ? fixed('new_tokens') : undefined,
      rate_qps: served?.rate_per_s ?? undefined,
      concurrency: served?.concurrency ?? undefined,
    }),
    native: { config },
  };
}

/** By the settings `prompts` and `dataset`: files with prompts, or null for random ones; left out where the worker has no such setting. */
function sourceOf({ prompts, dataset }: Record<string, Json>, isSalted: boolean): 'sampled' | 'random' | 'unknown' {
  if (prompts || dataset) return 'sampled';
  return prompts === null || isSalted ? 'random' : 'unknown';
}

const text = z.string().nullable().catch(null);

/** What is read of a machine, whose description has changed over time. */
const hostSchema = z.object({
  os: z
    .object({ value: z.string().nullable() })
    .transform(({ value }) => value)
    .catch(null),
  os_release: text.default(null),
  system: text.default(null),
  nx_study: text.default(null),
});

const acceleratorsSchema = z.object({ accelerators: z.array(z.object({ model: z.string() })).min(1) });

const parallelSchema = z.object({
  device: z.literal('cuda'),
  tensor_parallel_size: z.int().min(1),
  pipeline_parallel_size: z.int().min(1),
  enable_expert_parallel: z.literal(false).optional(),
});

/** null where the engine does not report all of it, and on a machine with accelerators of several models. */
function acceleratorOf(effective: JsonObject, machine: JsonObject): JsonObject | null {
  const parallel = parallelSchema.safeParse(effective);
  const found = acceleratorsSchema.safeParse(machine);
  if (!parallel.success || !found.success) return null;
  const models = [...new Set(found.data.accelerators.map(({ model }) => model))];
  if (models.length > 1) return null;
  const { tensor_parallel_size: tp, pipeline_parallel_size: pp } = parallel.data;
  return { model: models[0]!, count: tp * pp, parallelism: { tp, pp } };
}
