import type { Json, JsonObject } from './json.ts';
import { isJsonObject } from './json.ts';

/** The keys of a dotted path, or null when it is none (`a..b`, `.a`). */
export function splitPath(dotted: string): string[] | null {
  const keys = dotted.split('.');
  return keys.every((key) => key !== '') ? keys : null;
}

/** A copy of `target` with `value` deep-merged at `path`; what isn't touched is shared. */
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

/** The value at a path; undefined when there is none. */
export function valueAt(value: Json | undefined, path: readonly (string | number)[]): Json | undefined {
  let at = value;
  for (const key of path) {
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

/** A copy that shares nothing. */
export function cloneJson<T extends Json>(value: T): T {
  if (Array.isArray(value)) return value.map(cloneJson) as T;
  if (!isJsonObject(value)) return value;
  const copy: JsonObject = {};
  for (const key of Object.keys(value)) copy[key] = cloneJson(value[key]!);
  return copy as T;
}

/** Equal as JSON values, whatever their key order. */
export function equalJson(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((value, index) => equalJson(value, b[index]));
  if (!isJsonObject(a) || !isJsonObject(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && equalJson(a[key], b[key]))
  );
}
