import { isJsonObject } from '../base/json.ts';
import type { Json, JsonObject } from '../base/json.ts';

/**
 * Leaves of an object by dotted path. Lists, empty objects and null are leaves. Within a key, a dot is written `\.` and a
 * backslash `\\`, so that different leaves have different paths.
 */
export function flatten(object: JsonObject, prefix: string): Map<string, Json> {
  const leaves = new Map<string, Json>();
  collect(object, prefix, leaves);
  return leaves;
}

function collect(object: JsonObject, prefix: string, leaves: Map<string, Json>): void {
  for (const [key, value] of Object.entries(object)) {
    const path = `${prefix}.${key.replaceAll(/[.\\]/g, String.raw`\$&`)}`;
    if (isJsonObject(value) && Object.keys(value).length > 0) collect(value, path, leaves);
    else leaves.set(path, value);
  }
}
