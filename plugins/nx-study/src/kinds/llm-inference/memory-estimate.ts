import { existsSync } from 'node:fs';
import { memoryTexts } from '../memory-texts.ts';
import type { JsonObject } from '../../base/json.ts';
import { errorCode } from '../../base/errno.ts';
import type { MemoryRule } from '../../worker/manifest.ts';
import { absent, isAbsent } from '../../base/known.ts';
import type { Absent } from '../../base/known.ts';
import type { MemoryEstimate, MemoryRequest } from '../memory-estimate.ts';
import { ModelError } from './model/error.ts';
import { readModelFacts } from './model/facts.ts';
import { syntheticFacts, syntheticSchema } from './model/synthetic.ts';
import { estimateFrom } from './memory-formula.ts';
import type { Device } from './memory-formula.ts';
import { memorySettingsSchema } from './memory-settings.ts';
import type { MemorySettings } from './memory-settings.ts';
import type { ModelFacts } from './model/types.ts';

/**
 * The least memory that a measurement takes, from its settings and its model's header; for the formula see `estimateFrom`.
 * Whatever is not certain is left out, so a measurement that is refused for this estimate could not have run.
 * @returns bytes by term; null for a worker that declares no `memory`; absent, with the reason, when the device, the settings or the header do not determine it.
 * Errors of the file system and unreadable headers are such reasons; nothing is thrown for them.
 */
export function estimateMemory({ configuration, rule, gpus }: MemoryRequest): MemoryEstimate | Absent | null {
  if (rule === null) return null;
  const planned = plannedOf({ configuration, rule, gpus });
  if (isAbsent(planned)) return planned;
  const { device, settings } = planned;
  const unsure = uncertainty(settings, device);
  if (unsure !== null) return absent(unsure);
  const facts = factsOf(settings.model);
  return isAbsent(facts) ? facts : estimateFrom(facts, settings, rule, { device, gpus: gpus ?? [] });
}

interface Planned {
  device: Device;
  settings: MemorySettings;
}

/** On which device a configuration runs, and its settings with the worker's defaults there; absent where they don't determine it. */
export function plannedOf({
  configuration,
  rule,
  gpus,
}: Pick<MemoryRequest, 'configuration' | 'gpus'> & { rule: MemoryRule }): Planned | Absent {
  const device = deviceOf(configuration, gpus && gpus.length > 0);
  if (isAbsent(device)) return device;
  const parsed = memorySettingsSchema.safeParse(withDefaults(configuration, rule.defaults[device] ?? {}));
  return parsed.success
    ? { device, settings: parsed.data }
    : absent(memoryTexts.settings(parsed.error.issues[0]!.path.join('.')));
}

function deviceOf({ device = 'cpu', gpu_layers }: JsonObject, hasGpu: boolean | null): Device | Absent {
  if (device === 'cpu' || gpu_layers === 0 || (device === 'auto' && hasGpu === false)) return 'cpu';
  if (device !== 'auto' && device !== 'cuda') return absent(memoryTexts.device(JSON.stringify(device)));
  return hasGpu ? 'cuda' : absent(memoryTexts.noGpu);
}

const withDefaults = (configuration: JsonObject, defaults: JsonObject): JsonObject => ({
  ...configuration,
  ...Object.fromEntries(Object.entries(defaults).filter(([name]) => (configuration[name] ?? null) === null)),
});

/** Why the settings leave open what lies in the memory of which device; null when they don't. */
function uncertainty(settings: MemorySettings, device: Device): string | null {
  const { gpu_layers, cpu_offload_gb, gpu_memory_utilization, quantization } = settings;
  if (device === 'cuda' && (gpu_layers !== null || cpu_offload_gb > 0)) return memoryTexts.split;
  if (device === 'cpu' && gpu_memory_utilization !== null) return memoryTexts.hostShare;
  return quantization === null ? null : memoryTexts.quantisation(quantization);
}

export function factsOf(model: MemorySettings['model']): ModelFacts | Absent {
  if (typeof model !== 'string') {
    const shape = syntheticSchema.safeParse(model);
    return shape.success ? syntheticFacts(shape.data) : absent(memoryTexts.shape);
  }
  if (!existsSync(model)) return absent(memoryTexts.notHere(model));
  try {
    return readModelFacts(model);
  } catch (error) {
    const isRefused = error instanceof ModelError || errorCode(error) !== undefined;
    if (error instanceof Error && isRefused) return absent(error.message);
    throw error;
  }
}
