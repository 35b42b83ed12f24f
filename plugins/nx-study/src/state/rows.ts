import { damagedFinding } from '../record/texts.ts';
import { groupBy } from '../base/group-by.ts';
import type { JsonObject } from '../base/json.ts';
import { findKind } from '../kinds/index.ts';
import type { Experiment, Measurement, MergedExperiment, Plan, SkippedExperiment } from '../plan/types.ts';
import type { Attempts, Unusable } from '../record/read.ts';
import type { Failure, Finding } from '../record/schema.ts';
import { assess } from './assess.ts';
import type { Assessment } from './assess.ts';
import type { Standing } from './standing.ts';

/** A study's results, as all reports show them. */
export interface Results {
  study: string;
  description: string | null;
  /** How the study repeats its experiments, among how many machines, and the differences that it calls relevant, by metric. */
  design: Pick<Plan, 'repeat' | 'relevant'> & Pick<Plan['execution'], 'lanes'>;
  /** One for every measurement of the plan, in its order; one for each part of those that have several. */
  rows: Row[];
  /** Configurations that their worker refuses, and the study leaves out. */
  invalid: SkippedExperiment[];
  /** Combinations that the study leaves out on purpose. */
  excluded: number;
  merged: MergedExperiment[];
  /** What lies on the disk, but belongs to no measurement of the plan. */
  unplanned: { measurements: number; attempts: number };
  /** Folders that can't be used, and are no row's. */
  unusable: Unusable[];
}

/** One measurement of the plan, or a part of one, and what is known of it. */
export interface Row extends Standing, Assessment {
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

export interface Input extends Attempts {
  plan: Plan;
  /** Measurement id → where it stands. */
  standings: ReadonlyMap<string, Standing>;
  /** Worker → hash of its deriving code, as of now; null when it derives nothing. */
  currentDeriving: ReadonlyMap<string, string | null>;
}

/** Holds the records against the plan. Pure. */
export function resultsOf(input: Input): Results {
  const { plan, standings, stored, unusable, currentDeriving } = input;
  const experiments = new Map(plan.experiments.map((experiment) => [experiment.id, experiment]));
  const rows = plan.measurements.flatMap((measurement) => {
    const experiment = experiments.get(measurement.experiment)!;
    const deriving = currentDeriving.get(experiment.worker) ?? null;
    return rowsOf(plan, { measurement, experiment, standing: standings.get(measurement.id)!, deriving });
  });
  const attempts = groupBy(
    stored.filter(({ record }) => !standings.has(record.id)),
    ({ record }) => record.id,
  );
  const unplanned = { measurements: attempts.size, attempts: [...attempts.values()].flat().length };
  const shown = new Set(rows.map(({ damage }) => damage));
  const { study, description, skipped, excluded, merged } = plan;
  return {
    study,
    description,
    design: { repeat: plan.repeat, relevant: plan.relevant, lanes: plan.execution.lanes },
    rows: withComparisons(rows),
    invalid: skipped,
    excluded,
    merged,
    unplanned,
    unusable: unusable.filter((one) => !shown.has(one)),
  };
}

/** Adds what is found only when measurements are held against each other. */
function withComparisons(rows: readonly Row[]): Row[] {
  const added = new Map<Row, Finding[]>();
  for (const [name, of] of groupBy(rows, ({ stored }) => stored?.record.kind ?? '')) {
    const found = findKind(name)?.across?.(of) ?? [];
    for (const [index, findings] of found.entries()) added.set(of[index]!, findings);
  }
  return rows.map((row) => {
    const findings = added.get(row) ?? [];
    return findings.length === 0 ? row : { ...row, findings: [...row.findings, ...findings] };
  });
}

/** One row for each measurement. */
export const measurementsOf = (rows: readonly Row[]): Row[] => rows.filter(({ part }) => part.index === 0);

/** A measurement with all that its rows are made from. */
interface Placed {
  measurement: Measurement;
  experiment: Experiment;
  standing: Standing;
  /** Hash of the worker's deriving code, as of now; null when it derives nothing. */
  deriving: string | null;
}

function rowsOf(plan: Plan, { measurement, experiment, standing, deriving }: Placed): Row[] {
  const { id, repetition, seed } = measurement;
  const { label, worker, varied, configuration } = experiment;
  return assess(standing.stored, experiment.expect, plan, deriving).map((assessment) => ({
    id,
    experiment: experiment.id,
    label,
    worker,
    repetition,
    seed,
    varied,
    configuration,
    baseline: plan.baseline.includes(experiment.id),
    failure: standing.stored?.record.failure ?? null,
    ...standing,
    ...assessment,
    findings: [...(standing.damage ? [damagedFinding(standing.damage.damage.message)] : []), ...assessment.findings],
  }));
}
