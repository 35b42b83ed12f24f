import { posix } from 'node:path';
import { valueAt } from '../graph/paths.ts';
import type { JsonObject } from '../json.ts';
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

/** Variant (null where there is only one) → the files that it is made from, relative to the worker's folder. */
export function lockFiles(environment: Environment): Map<string | null, string[]> {
  if (environment.type === 'system' || environment.type === 'container') return new Map();
  const { type, lock, variants } = environment;
  const files = (path: string) => (type === 'npm' ? [path, posix.join(posix.dirname(path), 'package.json')] : [path]);
  if (lock !== undefined) return new Map([[null, files(lock)]]);
  return new Map(Object.entries(variants!.locks).map(([variant, path]) => [variant, files(path)]));
}
