import { isJsonObject } from '../../base/json.ts';
import type { JsonObject } from '../../base/json.ts';
import type { BeforeStart, KnownBefore } from '../kind.ts';
import { memorySettingsSchema, workloadsOf } from './memory-settings.ts';
import { shapeAt, syntheticShape } from './model/shape.ts';

/** Device, largest workload, and the shape of the model by its header. A header that can't be read says nothing. */
export function knownBefore({ configuration, gpus, model }: BeforeStart): KnownBefore {
  return {
    work: { ...deviceOf(configuration, gpus), ...largestOf(configuration) },
    model: modelOf(configuration, model),
  };
}

/** `auto` is `cuda` where there is an NVIDIA GPU; on a Mac it may be another. */
function deviceOf({ device }: JsonObject, gpus: number | null): JsonObject {
  if (typeof device !== 'string') return {};
  if (device !== 'auto') return { device };
  if (gpus === null) return {};
  if (gpus > 0) return { device: 'cuda' };
  return process.platform === 'linux' ? { device: 'cpu' } : {};
}

function largestOf(configuration: JsonObject): JsonObject {
  const { data } = memorySettingsSchema.safeParse(configuration);
  if (data === undefined) return {};
  const workloads = workloadsOf(data);
  return {
    longest_tokens: Math.max(...workloads.map(({ prompt_tokens, new_tokens }) => prompt_tokens + new_tokens)),
    longest_prompt: Math.max(...workloads.map(({ prompt_tokens }) => prompt_tokens)),
    batch_size: Math.max(...workloads.map(({ batch_size }) => batch_size)),
    ranks: data.tensor_parallel_size * data.pipeline_parallel_size,
  };
}

function modelOf({ model }: JsonObject, path: string | null): JsonObject {
  if (isJsonObject(model)) return syntheticShape(model);
  return path === null ? {} : shapeAt(path);
}
