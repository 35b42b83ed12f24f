import type { Sha256 } from '../base/canonical.ts';
import type { Study } from './study.ts';
import { readExecution } from './execution.ts';
import { measurementId } from './identity.ts';
import { assignLanes, laneBalance } from './lanes.ts';
import { orderSteps, pairBalance } from './order.ts';
import type { Step } from './order.ts';
import type { Resolution, Resolved } from './resolve.ts';
import { measurementSeed } from './seed.ts';
import type { AxisCount, Experiment, Measurement, MergedExperiment, MonotoneSetting, Plan } from './types.ts';

/** Everything that a plan is made of, without problems. */
export interface Parts {
  study: Study;
  /** The workers' default. */
  platform: string;
  resolution: Resolution;
  /** Of the experiments, in their order. */
  named: { id: string; label: string }[];
  axes: AxisCount[];
  /** Positions of the experiments that must fail. */
  failing: ReadonlySet<number>;
  /** Positions of the baseline's experiments. */
  baseline: ReadonlySet<number>;
  monotone: MonotoneSetting[];
}

/** Puts the measurements of a study in order. */
export function assemblePlan(
  { study, platform, resolution, named, axes, failing, baseline, monotone }: Parts,
  hash: Sha256,
): Plan {
  const { times, order } = study.repeat;
  const seed = study.repeat.seed ?? study.seed;
  const { experiments, skipped, excluded } = resolution;
  const steps = orderSteps(order, { count: experiments.length, times, seed }, hash);
  const ids = named.map(({ id }) => id);
  const shape = { count: experiments.length, lanes: study.execution.lanes, seed };
  const lanes = assignLanes(steps, shape, hash);
  return {
    study: study.name,
    description: study.description,
    platform: study.platform ?? platform,
    cpus: study.cpus,
    seed: study.seed,
    repeat: { times, order, seed },
    measurements: measurements(steps, lanes, { ids, study, hash }),
    experiments: experiments.map((resolved, index) => experimentOf(resolved, named[index]!, failing.has(index))),
    skipped,
    excluded,
    merged: experiments.flatMap(({ drafts }, index) => mergedOf(ids[index]!, drafts)),
    axes,
    balance: order === 'balanced' ? pairBalance(steps, experiments.length) : null,
    lane_balance: shape.lanes > 1 ? laneBalance(steps, lanes, shape) : null,
    execution: readExecution(study, monotone),
    gates: study.gates,
    baseline: ids.filter((_, index) => baseline.has(index)),
    relevant: study.report.relevant,
    slo: study.report.slo,
    price: study.report.price,
    peak: study.report.peak,
  };
}

function experimentOf(resolved: Resolved, { id, label }: { id: string; label: string }, mustFail: boolean): Experiment {
  const { drafts, configuration, dataFiles, pythonFiles, assets } = resolved;
  const { worker, written, varied } = drafts[0]!;
  const fails = mustFail || drafts.some(({ expectFailed }) => expectFailed);
  const expect = fails ? 'failed' : null;
  return { id, label, worker, written, configuration, dataFiles, pythonFiles, assets, varied, expect };
}

function mergedOf(id: string, [, ...others]: Resolved['drafts']): MergedExperiment[] {
  if (others.length === 0) return [];
  return [{ id, count: others.length + 1, also: others.map(({ label, varied }) => ({ label, varied })) }];
}

function measurements(
  steps: readonly Step[],
  lanes: readonly number[],
  { ids, study: { seed, repeat }, hash }: { ids: string[]; study: Study; hash: Sha256 },
): Measurement[] {
  const seeds = Array.from({ length: repeat.times }, (_, index) => measurementSeed(seed, index + 1, hash));
  return steps.map(({ experiment, repetition, cycle }, index) => ({
    id: measurementId(ids[experiment]!, repetition),
    experiment: ids[experiment]!,
    repetition,
    seed: seeds[repetition - 1]!,
    index,
    cycle,
    lane: lanes[index]!,
  }));
}
