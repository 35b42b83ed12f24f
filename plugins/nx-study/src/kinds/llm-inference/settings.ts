import { canonicalJson } from '../../base/canonical.ts';
import type { Json } from '../../base/json.ts';
import type { Payload } from './schema.ts';

export interface Difference {
  name: string;
  asked: Json;
  effective: Json;
}

/** Settings without which a measurement is another one. */
const MEANING: ReadonlySet<string> = new Set([
  'attention',
  'attention_backend',
  'batch_size',
  'cache',
  'compute_dtype',
  'device',
  'flash_attention',
  'kv_cache_dtype',
  'kv_cache_key',
  'kv_cache_value',
  'quantisation',
  'quantization',
  'threads',
  'weights_format',
]);

/** Settings that the engine did not follow, so that the measurement isn't the one that was asked for. */
export const contradictions = (settings: Payload['settings']): Difference[] =>
  differences(settings).filter(({ name }) => MEANING.has(name));

/** Other settings that the engine did not follow. */
export const deviations = (settings: Payload['settings']): Difference[] =>
  differences(settings).filter(({ name }) => !MEANING.has(name));

/** Settings that ask for room. An engine may round them up, as llama.cpp does: the prompts still fit. */
const ROOM: ReadonlySet<string> = new Set(['context_size']);

// null leaves the choice to the engine, and so does "auto"; an effective null is not known.
function differences({ asked, effective }: Payload['settings']): Difference[] {
  return Object.entries(asked).flatMap(([name, value]) => {
    const found = Object.hasOwn(effective, name) ? effective[name]! : null;
    if (value === null || value === 'auto' || found === null) return [];
    const isEnough = ROOM.has(name) && Number(found) >= Number(value);
    return isEnough || canonicalJson(value) === canonicalJson(found) ? [] : [{ name, asked: value, effective: found }];
  });
}
