import { isDeepStrictEqual } from 'node:util';
import type { JsonObject } from '../../base/json.ts';
import { isJsonObject } from '../../base/json.ts';
import type { Change } from './texts.ts';

/** The settings in which two configurations differ, each as near to the root as it must be. */
export function changesBetween(before: JsonObject, after: JsonObject, path: readonly string[] = []): Change[] {
  const keys = [...new Set([...Object.keys(after), ...Object.keys(before)])];
  return keys.flatMap((key): Change[] => {
    const here = [...path, key];
    const old = Object.hasOwn(before, key) ? before[key] : undefined;
    const now = Object.hasOwn(after, key) ? after[key] : undefined;
    if (isDeepStrictEqual(old, now)) return [];
    // A map without entries has no settings to set one by one.
    if (isJsonObject(old) && isJsonObject(now) && Object.keys(now).length > 0 && Object.keys(old).length > 0)
      return changesBetween(old, now, here);
    return [{ path: here, before: old, after: now }];
  });
}
