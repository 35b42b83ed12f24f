import { valueAt } from '../base/path.ts';
import type { JsonObject } from '../base/json.ts';
import type { Environment } from '../worker/manifest.ts';

/**
 * The variant of an environment that a configuration asks for; null where there is only one. `auto` is `cuda` on a
 * machine with an NVIDIA GPU, where there is such a variant; any other value that names none is `cpu`, else the first.
 */
export function variantOf(environment: Environment, configuration: JsonObject, hasNvidia: boolean): string | null {
  if (!('variants' in environment) || environment.variants === undefined) return null;
  const { by, locks } = environment.variants;
  const wanted = valueAt(configuration, by);
  if (typeof wanted === 'string' && Object.hasOwn(locks, wanted)) return wanted;
  if (wanted === 'auto' && 'cuda' in locks && hasNvidia) return 'cuda';
  return 'cpu' in locks ? 'cpu' : Object.keys(locks)[0]!;
}
