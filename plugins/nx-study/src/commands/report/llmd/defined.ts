import type { Json, JsonObject } from '../../../base/json.ts';

/** An object without the keys that have no value: what is unknown is left out of a report. */
export const defined = (parts: Readonly<Record<string, Json | undefined>>): JsonObject =>
  Object.fromEntries(Object.entries(parts).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
