import { groupBy } from '../group-by.ts';
import type { JsonObject } from '../json.ts';
import type { Experiment, Measurement, MergedExperiment, Plan, SkippedExperiment } from '../plan/types.ts';
import type { Stored } from '../record/read.ts';
import type { Failure } from '../record/schema.ts';
import { assess } from './assess.ts';
import type { Assessment } from './assess.ts';
import { choose } from './choose.ts';
import type { Chosen, IsAlive } from './choose.ts';

/** A study's results, as all reports show them. */
export interface Results {
  study: string;
  description: string | null;
  /** One for every measurement of the plan, in its order; one for each part of those that have several. */
  rows: Row[];
  skipped: SkippedExperiment[];
  /** Combinations that the study leaves out on purpose. */
  excluded: number;
  merged: MergedExperiment[];
  /** What lies on the disk, but belongs to no measurement of the plan. */
  unplanned: { measurements: number; attempts: number };
}

/** One measurement of the plan, or a part of one, and what is known of it. */
export interface Row extends Chosen, Assessment {
  id: string;
  experiment: string;
  label: string;
  worker: string;
  repetition: number;
  seed: number;
  varied: JsonObject;
  /** As planned now, with defaults. */
  configuration: JsonObject;
  baseline: boolean;
  failure: Failure | null;
}

export interface Input {
  plan: Plan;
  stored: readonly Stored[];
  /** Measurement id → digest, as of now. */
  currentDigests: ReadonlyMap<string, string>;
  /** Worker → hash of its deriving code, as of now; null when it derives nothing. */
  currentDeriving: ReadonlyMap<string, string | null>;
  isAlive: IsAlive;
}

/** Holds the records against the plan. Pure. */
export function resultsOf({ plan, stored, currentDigests, currentDeriving, isAlive }: Input): Results {
  const attempts = groupBy(stored, ({ record }) => record.id);
  const experiments = new Map(plan.experiments.map((experiment) => [experiment.id, experiment]));
  const rows = plan.measurements.flatMap((measurement) => {
    const experiment = experiments.get(measurement.experiment)!;
    const own = attempts.get(measurement.id) ?? [];
    return rowsOf(
      plan,
      measurement,
      experiment,
      choose(own, currentDigests.get(measurement.id), experiment.expect, isAlive),
      currentDeriving.get(experiment.worker) ?? null,
    );
  });
  for (const { id } of plan.measurements) attempts.delete(id);
  const unplanned = { measurements: attempts.size, attempts: [...attempts.values()].flat().length };
  const { study, description, skipped, excluded, merged } = plan;
  return { study, description, rows, skipped, excluded, merged, unplanned };
}

/** One row for each measurement. */
export const measurementsOf = (rows: readonly Row[]): Row[] => rows.filter(({ part }) => part.index === 0);

function rowsOf(
  plan: Plan,
  { id, repetition, seed }: Measurement,
  experiment: Experiment,
  chosen: Chosen,
  deriving: string | null,
): Row[] {
  const { label, worker, varied, configuration } = experiment;
  return assess(chosen.stored, experiment.expect, plan.gates, deriving).map((assessment) => ({
    id,
    experiment: experiment.id,
    label,
    worker,
    repetition,
    seed,
    varied,
    configuration,
    baseline: plan.baseline.includes(experiment.id),
    failure: chosen.stored?.record.failure ?? null,
    ...chosen,
    ...assessment,
  }));
}
