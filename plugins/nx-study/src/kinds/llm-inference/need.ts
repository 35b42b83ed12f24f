import { existsSync } from 'node:fs';
import { needTexts } from '../need-texts.ts';
import type { JsonObject } from '../../base/json.ts';
import { errorCode } from '../../base/errno.ts';
import { absent, isAbsent } from '../../base/known.ts';
import type { Absent } from '../../base/known.ts';
import type { Need, NeedRequest } from '../need.ts';
import { ModelError } from './model/error.ts';
import { readModelFacts } from './model/facts.ts';
import { syntheticFacts, syntheticSchema } from './model/synthetic.ts';
import { needOf } from './need-formula.ts';
import type { Device } from './need-formula.ts';
import { memorySettingsSchema } from './need-settings.ts';
import type { MemorySettings } from './need-settings.ts';
import type { ModelFacts } from './model/types.ts';

/**
 * The least memory that a measurement takes, from its settings and its model's header. Everything that isn't certain
 * is left out: what is refused for it could not have run.
 */
export function inferenceNeed({ configuration, rule, gpus }: NeedRequest): Need | Absent {
  const device = deviceOf(configuration, gpus && gpus.length > 0);
  if (isAbsent(device)) return device;
  const parsed = memorySettingsSchema.safeParse(withDefaults(configuration, rule.defaults[device] ?? {}));
  if (!parsed.success) return absent(needTexts.settings(parsed.error.issues[0]!.path.join('.')));
  const settings = parsed.data;
  const unsure = uncertainty(settings, device);
  if (unsure !== null) return absent(unsure);
  const facts = factsOf(settings.model);
  return isAbsent(facts) ? facts : needOf(facts, settings, rule, device, gpus ?? []);
}

function deviceOf({ device = 'cpu', gpu_layers }: JsonObject, hasGpu: boolean | null): Device | Absent {
  if (device === 'cpu' || gpu_layers === 0 || (device === 'auto' && hasGpu === false)) return 'cpu';
  if (device !== 'auto' && device !== 'cuda') return absent(needTexts.device(JSON.stringify(device)));
  return hasGpu ? 'cuda' : absent(needTexts.noGpu);
}

const withDefaults = (configuration: JsonObject, defaults: JsonObject): JsonObject => ({
  ...configuration,
  ...Object.fromEntries(Object.entries(defaults).filter(([name]) => (configuration[name] ?? null) === null)),
});

/** Settings under which it isn't certain what lies where; null when there are none. */
function uncertainty(settings: MemorySettings, device: Device): string | null {
  const { gpu_layers, cpu_offload_gb, gpu_memory_utilization, quantization } = settings;
  if (device === 'cuda' && (gpu_layers !== null || cpu_offload_gb > 0)) return needTexts.split;
  if (device === 'cpu' && gpu_memory_utilization !== null) return needTexts.hostShare;
  return quantization === null ? null : needTexts.quantisation(quantization);
}

function factsOf(model: MemorySettings['model']): ModelFacts | Absent {
  if (typeof model !== 'string') {
    const shape = syntheticSchema.safeParse(model);
    return shape.success ? syntheticFacts(shape.data) : absent(needTexts.shape);
  }
  if (!existsSync(model)) return absent(needTexts.notHere(model));
  try {
    return readModelFacts(model);
  } catch (error) {
    const isRefused = error instanceof ModelError || errorCode(error) !== undefined;
    if (error instanceof Error && isRefused) return absent(error.message);
    throw error;
  }
}
