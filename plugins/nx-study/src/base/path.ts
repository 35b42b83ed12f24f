import type { Json, JsonObject } from './json.ts';
import { isJsonObject } from './json.ts';

/** The keys of a dotted path, or null when it is none (`a..b`, `.a`). */
export function splitPath(dotted: string): string[] | null {
  const keys = dotted.split('.');
  return keys.every((key) => key !== '') ? keys : null;
}

/** A copy of `target` with `value` deep-merged at `path`; unchanged parts are shared with `target`. */
export function mergeAt(target: JsonObject, path: readonly string[], value: Json, depth = 0): JsonObject {
  const key = path[depth]!;
  const old = Object.hasOwn(target, key) ? target[key]! : undefined;
  if (depth === path.length - 1) return { ...target, [key]: mergeValue(old, value) };
  return { ...target, [key]: mergeAt(isJsonObject(old) ? old : {}, path, value, depth + 1) };
}

function mergeValue(old: Json | undefined, value: Json): Json {
  if (!isJsonObject(old) || !isJsonObject(value)) return value;
  const merged = { ...old };
  for (const [key, inner] of Object.entries(value))
    merged[key] = mergeValue(Object.hasOwn(old, key) ? old[key] : undefined, inner);
  return merged;
}

/**
 * The value at a path, given as keys and list positions, or as dotted text (`load.rate_per_s`, `workloads.0`).
 * undefined when there is none; keys that every object inherits, such as `constructor`, are none.
 */
export function valueAt(value: Json | undefined, path: string | readonly (string | number)[]): Json | undefined {
  let at = value;
  for (const key of typeof path === 'string' ? path.split('.') : path) {
    if (Array.isArray(at)) at = at[Number(key)];
    else if (isJsonObject(at) && Object.hasOwn(at, key)) at = at[key];
    else return undefined;
  }
  return at;
}

/** The paths below `path` at which a value ends: scalars, lists and empty maps. */
export function leaves(value: Json, path: readonly string[] = []): { path: string[]; value: Json }[] {
  if (!isJsonObject(value) || Object.keys(value).length === 0) return [{ path: [...path], value }];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, [...path, key]));
}

/** Whether one path leads to, or through, the other. */
export function overlap(a: readonly string[], b: readonly string[]): boolean {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) if (a[index] !== b[index]) return false;
  return true;
}

/** A copy of a configuration with the texts at these dotted paths replaced; paths without a text are skipped. */
export function mapPaths(configuration: JsonObject, paths: string[], replace: (text: string) => Json): JsonObject {
  if (paths.length === 0) return configuration;
  const copy = structuredClone(configuration);
  for (const path of paths) {
    const text = valueAt(copy, path);
    if (typeof text === 'string') setAt(copy, path, replace(text));
  }
  return copy;
}

/**
 * What of a value lies at these paths; `*` stands for every position of a list and every key of an object. Objects and lists on the way
 * keep their place. What stands there instead of them is null: only that something is there.
 */
export function picked(value: Json, paths: readonly (readonly string[])[]): Json {
  if (paths.some((path) => path.length === 0)) return value;
  const below = (key: string) => paths.flatMap(([first, ...rest]) => (first === key || first === '*' ? [rest] : []));
  if (Array.isArray(value)) return value.map((one, index) => picked(one, below(String(index))));
  if (!isJsonObject(value)) return null;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => {
      const rest = below(key);
      return rest.length === 0 ? [] : [[key, picked(inner, rest)]];
    }),
  );
}

/** A copy of a configuration with another value at a dotted path; where the path has no parent, nothing changes. */
export function withValueAt(configuration: JsonObject, path: string, value: Json): JsonObject {
  const copy = structuredClone(configuration);
  setAt(copy, path, value);
  return copy;
}

function setAt(configuration: JsonObject, path: string, value: Json): void {
  const keys = path.split('.');
  const last = keys.pop()!;
  const parent = valueAt(configuration, keys);
  if (Array.isArray(parent)) parent[Number(last)] = value;
  else if (isJsonObject(parent)) parent[last] = value;
}
