import type { JsonObject } from '../json.ts';
import type { Experiment, Plan } from './types.ts';

/**
 * The text of `study.plan.json`. The entry of a measurement depends on that measurement only, and stands on a line of
 * its own: what is added, removed or reordered beside it leaves it alone.
 */
export function planFile(plan: Plan): string {
  const experiments = new Map(plan.experiments.map((experiment) => [experiment.id, experiment]));
  const entries = plan.measurements
    .map(({ id, experiment, repetition, seed }) => ({
      id,
      entry: entryOf(plan, experiments.get(experiment)!, repetition, seed),
    }))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
  return [
    '{',
    `  "study": ${JSON.stringify(plan.study)},`,
    '  "measurements": {',
    entries.map(({ id, entry }) => `    ${JSON.stringify(id)}: ${JSON.stringify(entry)}`).join(',\n'),
    '  },',
    '  "order": [',
    plan.measurements.map(({ id }) => `    ${JSON.stringify(id)}`).join(',\n'),
    '  ]',
    '}',
    '',
  ].join('\n');
}

function entryOf(plan: Plan, experiment: Experiment, repetition: number, seed: number): JsonObject {
  const { cpus, platform } = plan;
  const { worker, configuration, expect } = experiment;
  return {
    worker,
    repetition,
    seed,
    ...(cpus === null ? {} : { cpus }),
    ...(platform === 'any' ? {} : { platform }),
    ...(expect === null ? {} : { expect }),
    configuration: sortKeys(configuration),
  };
}

// The order in which a study's author wrote keys is no difference.
function sortKeys<T>(value: T): T {
  if (Array.isArray(value)) return value.map((item: unknown) => sortKeys(item)) as T;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]: [string, unknown]) => [key, sortKeys(inner)])) as T;
}
