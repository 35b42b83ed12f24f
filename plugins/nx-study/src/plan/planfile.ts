import type { JsonObject } from '../base/json.ts';
import { valueAt } from '../base/path.ts';
import type { Experiment, Plan } from './types.ts';
import { studyFolder } from '../workspace/places.ts';

/**
 * The text of `study.lock`. The entry of a measurement depends on that measurement only, and stands on a line of
 * its own, sorted: adding, removing or reordering others doesn't change it, and git merges what two people add. The order
 * is not in it, as both would write to its end.
 */
export function planFile(plan: Plan, assets: AssetHashes): string {
  const entries = [...planEntries(plan, assets)].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return [
    '{',
    `  "study": ${JSON.stringify(plan.study)},`,
    '  "measurements": {',
    entries.map(([id, entry]) => `    ${JSON.stringify(id)}: ${JSON.stringify(entry)}`).join(',\n'),
    '  }',
    '}',
    '',
  ].join('\n');
}

type AssetHashes = ReadonlyMap<string, { sha256: string }>;

/** The entries of `study.lock`, by measurement, in the order of the plan. */
export function planEntries(plan: Plan, assets: AssetHashes): Map<string, JsonObject> {
  const experiments = new Map(plan.experiments.map((experiment) => [experiment.id, experiment]));
  return new Map(
    plan.measurements.map((measurement) => [
      measurement.id,
      entryOf(plan, measurement, experiments.get(measurement.experiment)!, assets),
    ]),
  );
}

/** Its name, in the folder of its study. No formatter takes the file for one of its own: the entries stay on their lines. */
export const PLAN_FILE = 'study.lock';

/** Where it lies, relative to the workspace. */
export const planFilePath = (workspaceRoot: string, study: string) =>
  `${studyFolder(workspaceRoot, study)}/${PLAN_FILE}`;

function entryOf(
  { cpus, platform }: Plan,
  { repetition, seed }: Plan['measurements'][number],
  experiment: Experiment,
  assets: AssetHashes,
): JsonObject {
  const { worker, configuration, expect } = experiment;
  // So that `nx affected` sees another model behind the same name.
  const named = experiment.assets.flatMap((path) => {
    const asset = assets.get(valueAt(configuration, path.split('.')) as string);
    return asset ? [[path, asset.sha256] as const] : [];
  });
  return {
    worker,
    repetition,
    seed,
    ...(cpus === null ? {} : { cpus }),
    ...(platform === 'any' ? {} : { platform }),
    ...(expect === null ? {} : { expect }),
    configuration: sortKeys(configuration),
    ...(named.length === 0 ? {} : { assets: Object.fromEntries(named) }),
  };
}

// The order in which a study's author wrote keys is no difference.
function sortKeys<T>(value: T): T {
  if (Array.isArray(value)) return value.map((item: unknown) => sortKeys(item)) as T;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]: [string, unknown]) => [key, sortKeys(inner)])) as T;
}
