import type { Json, JsonObject } from './json.ts';
import { isJsonObject } from './json.ts';

/** The value at a dotted path; undefined when there is none. */
export function valueAt(value: Json | undefined, path: string): Json | undefined {
  return path.split('.').reduce<Json | undefined>(child, value);
}

/** A copy of a configuration with the strings at the given dotted paths replaced. */
export function mapPaths(configuration: JsonObject, paths: string[], replace: (text: string) => Json): JsonObject {
  if (paths.length === 0) return configuration;
  const copy = structuredClone(configuration);
  for (const path of paths) {
    const text = valueAt(copy, path);
    if (typeof text === 'string') setAt(copy, path, replace(text));
  }
  return copy;
}

/** A copy of a configuration with another value at a dotted path; where there is no parent for it, nothing changes. */
export function withValueAt(configuration: JsonObject, path: string, value: Json): JsonObject {
  const copy = structuredClone(configuration);
  setAt(copy, path, value);
  return copy;
}

function setAt(configuration: JsonObject, path: string, value: Json): void {
  const keys = path.split('.');
  const last = keys.pop()!;
  const parent = keys.length === 0 ? configuration : valueAt(configuration, keys.join('.'));
  if (Array.isArray(parent)) parent[Number(last)] = value;
  else if (isJsonObject(parent)) parent[last] = value;
}

const child = (value: Json | undefined, key: string): Json | undefined =>
  Array.isArray(value) ? value[Number(key)] : isJsonObject(value) ? value[key] : undefined;
