import type { JsonObject } from '../base/json.ts';
import type { FailureType } from '../record/schema.ts';
import type { WrittenSlurm } from './slurm.ts';

/** The ordered measurements of a study: a pure function of the study file and its workers' contracts. */
export interface Plan {
  study: string;
  description: string | null;
  /** `any`, `host`, or the name of a file in studies/platforms. */
  platform: string;
  /** CPU cores each measurement may use; null leaves it to the machine. Part of the identity. */
  cpus: number | null;
  seed: number;
  repeat: { times: number; order: Order; seed: number };
  /** In the order in which they will run. */
  measurements: Measurement[];
  experiments: Experiment[];
  /** Invalid combinations that `invalid: skip` leaves out, each with its reason. */
  skipped: SkippedExperiment[];
  /** How many combinations `exclude` leaves out. */
  excluded: number;
  /** Equal configurations that became one experiment. */
  merged: MergedExperiment[];
  /** The factors of the number of experiments, for example {axis: 'tune', values: 2}. */
  axes: AxisCount[];
  /** How evenly experiments precede each other, for `repeat.order: balanced`; null for other orders. */
  balance: PairBalance | null;
  /** How evenly lanes and experiments meet; null with a single lane. */
  lane_balance: LaneBalance | null;
  execution: Execution;
  /** Thresholds that the study sets, by gate name. */
  gates: Record<string, number>;
  /** Ids of the experiments that `report.baseline` selects. */
  baseline: string[];
  /** Metric → the smallest difference from the baseline that matters. */
  relevant: Record<string, number>;
  /** Limits that each request to a server has to meet, in s, by objective. */
  slo: Record<string, number>;
  /** For an hour of the machine; null where the study names none. */
  price: { per_hour: number; currency: string } | null;
  /** What each device can do at most, from which shares of it follow; null where the study names nothing. */
  peak: { tflop_per_s: Record<string, number>; memory_gb_per_s: number | null } | null;
}

export type Order = 'sequential' | 'interleaved' | 'shuffled' | 'reverse' | 'balanced';

/** One fully resolved configuration of one worker. */
export interface Experiment {
  /** `<label>-<hash>`, the id of its first repetition. */
  id: string;
  label: string;
  worker: string;
  /** As the study's author wrote it, merged, without the worker's defaults. */
  written: JsonObject;
  /** With defaults; data files as paths relative to the workspace root, with `/`. */
  configuration: JsonObject;
  /** Dotted paths (JSON pointers joined by dots) in `configuration` that hold data files. */
  dataFiles: string[];
  /** Those of them that are Python files, whose imports count, too. */
  pythonFiles: string[];
  /** Dotted paths in `configuration` that name assets: entries of studies/assets.yaml, or absolute paths. */
  assets: string[];
  /** What distinguishes this experiment: axis path → value and variant group → name. */
  varied: JsonObject;
  expect: 'failed' | null;
}

/** One repetition of an experiment; one Nx project. */
export interface Measurement {
  /** The experiment's id, from the second repetition on with `-r<n>`. */
  id: string;
  experiment: string;
  /** From 1. */
  repetition: number;
  /** From 1. Depends on the study's seed and the repetition only, in [0, 2³²). */
  seed: number;
  /** Position in the plan, from 0. */
  index: number;
  /** From 1. A measurement whose cycle differs from its predecessor's starts a cycle. */
  cycle: number;
  /** From 1. Measurements of one lane run one after another; lanes may run on different machines at the same time. */
  lane: number;
}

export interface SkippedExperiment {
  worker: string;
  written: JsonObject;
  varied: JsonObject;
  reason: string;
}

export interface MergedExperiment {
  id: string;
  /** How many written configurations it stands for. */
  count: number;
  /** The labels and variations that it has as well. */
  also: { label: string | null; varied: JsonObject }[];
}

export interface AxisCount {
  axis: string;
  values: number;
}

export interface PairBalance {
  /** Ordered pairs (a directly before b) that occur at least once, of all k(k−1). */
  covered: number;
  pairs: number;
  /** The fewest and the most times that one ordered pair occurs. */
  least: number;
  most: number;
}

interface Range {
  least: number;
  most: number;
}

export interface LaneBalance {
  lanes: number;
  /** Measurements on one lane. */
  measurements: Range;
  /** Measurements of one experiment on one lane. */
  times: Range;
  /** On how many lanes two experiments are both measured; null where there is only one, or very many. */
  common: Range | null;
}

/** How a study is run. It is no part of an identity: changing it measures nothing again. */
export interface Execution {
  runner: 'local' | 'slurm';
  /** As written; `slurmFor` says what the jobs of one worker ask for. */
  slurm: WrittenSlurm;
  /** Chains of measurements, each for a machine of its own. */
  lanes: number;
  gap: Gap;
  neighbours: Neighbours;
  /** Seconds that one measurement may take; null leaves it to history and the work. */
  timeout_s: number | null;
  /** Phase → seconds that it may take. */
  phase_timeout_s: Record<string, number>;
  /** Seconds without any event of the worker; null: as many as one that sends heartbeats may be silent. */
  stalled_s: number | null;
  /** Memory that a worker and all that it starts may hold; null sets no limit. */
  memory_limit_bytes: number | null;
  /** Seconds of one run of the study, after which nothing more is started. */
  budget_s: number | null;
  /** Local time of day, `07:00`, after which nothing more is started. */
  until: string | null;
  /** The study stops after this many equal failures in a row; null never stops. */
  stop_after_same_failure: number | null;
  /** Further attempts in the same run, after a failure of one of these types; null tries once. */
  retry: { times: number; on: FailureType[] } | null;
  /** Settings of which larger values need more memory. */
  monotone: MonotoneSetting[];
}

/** A setting of one worker, or of all where none is named. */
export interface MonotoneSetting {
  worker: string | null;
  path: string[];
}

export interface Gap {
  min_s: number;
  /** As `min_s`, where a new cycle begins; never less than it. */
  cycle_s: number;
  max_s: number | null;
  until: { temperature_rise_c: number } | null;
}

/** What other processes may use during a measurement; null watches without a limit. */
export interface Neighbours {
  /** CPU time per time. */
  cpu_cores: number | null;
  /** By how much their memory may grow. */
  memory_bytes: number | null;
  /** How many of them may compute on the worker's GPUs. */
  gpu_processes: number | null;
  /** Whether a disturbed measurement is flagged, or fails. */
  action: 'flag' | 'fail';
}
