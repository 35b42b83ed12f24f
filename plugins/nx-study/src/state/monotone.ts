import { canonicalJson } from '../base/canonical.ts';
import type { Json, JsonObject } from '../base/json.ts';
import { valueAt } from '../base/path.ts';
import type { MonotoneSetting } from '../plan/types.ts';
import type { Identity, MeasurementRecord } from '../record/schema.ts';

/**
 * Of measurements that ran out of memory, the first that is equal to another one in all but the settings of which larger
 * values need more memory, and larger in none of those; null when there is none.
 */
export function smallerThan(
  identity: Identity,
  monotone: readonly MonotoneSetting[],
  outOfMemory: readonly MeasurementRecord[],
): MeasurementRecord | null {
  const paths = monotone
    .filter(({ worker }) => worker === null || worker === identity.worker)
    .map(({ path }) => path)
    .filter((path) => typeof valueAt(identity.configuration, path) === 'number');
  if (paths.length === 0) return null;
  const rest = restOf(identity, paths);
  const isSmaller = ({ identity: other }: MeasurementRecord) =>
    paths.every((path) => atMost(valueAt(other.configuration, path), valueAt(identity.configuration, path))) &&
    restOf(other, paths) === rest;
  return outOfMemory.find(isSmaller) ?? null;
}

export interface Compared {
  setting: string;
  larger: number;
  smaller: number;
}

/** The settings of which larger values need more memory, side by side. */
export function comparisonOf(
  larger: JsonObject,
  smaller: JsonObject,
  monotone: readonly MonotoneSetting[],
): Compared[] {
  return monotone.flatMap(({ path }) => {
    const [more, less] = [valueAt(larger, path), valueAt(smaller, path)];
    const isCompared = typeof more === 'number' && typeof less === 'number';
    return isCompared ? [{ setting: path.join('.'), larger: more, smaller: less }] : [];
  });
}

const atMost = (a: Json | undefined, b: Json | undefined): boolean =>
  typeof a === 'number' && typeof b === 'number' && a <= b;

/** All but the given settings, and what tells repetitions apart. */
function restOf(identity: Identity, paths: readonly string[][]): string {
  const configuration = paths.reduce(without, identity.configuration);
  return canonicalJson({ ...identity, configuration, repetition: 0, seed: 0, take: 0 });
}

function without(configuration: JsonObject, path: string[]): JsonObject {
  const [key, ...deeper] = path as [string, ...string[]];
  if (deeper.length === 0) return { ...configuration, [key]: null };
  return { ...configuration, [key]: without(configuration[key] as JsonObject, deeper) };
}
