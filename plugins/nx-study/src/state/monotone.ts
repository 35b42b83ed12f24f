import { canonicalJson } from '../base/canonical.ts';
import type { Sha256 } from '../base/canonical.ts';
import type { MeasureTask } from '../graph/task.ts';
import type { Json, JsonObject } from '../base/json.ts';
import { valueAt } from '../base/path.ts';
import type { MonotoneSetting } from '../plan/types.ts';
import type { MeasurementRecord } from '../record/schema.ts';

/** A measurement, as far as it is compared with others: its digest has all else in it. */
export type Comparable = Pick<MeasureTask, 'worker' | 'configuration' | 'repetition' | 'seed' | 'take' | 'digest'>;

/**
 * Of measurements that ran out of memory, the first that is equal to another one in all but the settings of which larger
 * values need more memory, and larger in none of those; null when there is none. Equal: with the other's values in their
 * place, its identity has the other's digest.
 */
export function smallerThan(
  task: Comparable,
  monotone: readonly MonotoneSetting[],
  outOfMemory: readonly MeasurementRecord[],
  hash: Sha256,
): MeasurementRecord | null {
  const { worker, configuration, repetition, seed, take } = task;
  const paths = monotone
    .filter((setting) => setting.worker === null || setting.worker === worker)
    .map(({ path }) => path)
    .filter((path) => typeof valueAt(configuration, path) === 'number');
  if (paths.length === 0) return null;
  const isSmaller = ({ identity }: MeasurementRecord) => {
    const { configuration: other } = identity;
    if (!paths.every((path) => atMost(valueAt(other, path), valueAt(configuration, path)))) return false;
    const enlarged = paths.reduce((all, path) => withValue(all, path, valueAt(configuration, path)!), other);
    return hash(canonicalJson({ ...identity, configuration: enlarged, repetition, seed, take })) === task.digest;
  };
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

function withValue(configuration: JsonObject, path: string[], value: Json): JsonObject {
  const [key, ...deeper] = path as [string, ...string[]];
  if (deeper.length === 0) return { ...configuration, [key]: value };
  return { ...configuration, [key]: withValue(configuration[key] as JsonObject, deeper, value) };
}
