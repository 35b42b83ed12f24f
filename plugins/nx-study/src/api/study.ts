import type { Plan } from '../plan/types.ts';
import { studyFile } from '../workspace/places.ts';
import type { Study } from './types.ts';

/** A plan as users see it: without how it is run, and without what only the planner needs. */
export function studyOf(workspaceRoot: string, plan: Plan): Study {
  const { study: name, description, platform, cpus, seed, repeat, baseline, relevant, skipped, excluded } = plan;
  return {
    name,
    workspaceRoot,
    file: studyFile(workspaceRoot, name),
    description,
    platform,
    cpus,
    seed,
    repeat,
    experiments: plan.experiments.map(({ id, label, worker, configuration, varied, expect }) => ({
      id,
      label,
      worker,
      configuration,
      varied,
      expect,
    })),
    measurements: plan.measurements.map(({ id, experiment, repetition, seed: own, index }) => ({
      id,
      experiment,
      repetition,
      seed: own,
      index,
    })),
    baseline,
    relevant,
    invalid: skipped,
    excluded,
  };
}
