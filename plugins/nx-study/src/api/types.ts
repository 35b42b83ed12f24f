import type { JsonObject } from '../base/json.ts';
import type { State } from '../state/states.ts';
import type { MeasurementRecord } from './record.ts';

/** A study as it is planned now. */
export interface Study {
  /** The name of its folder. */
  name: string;
  /** Absolute. */
  workspaceRoot: string;
  /** Relative to the workspace, with `/`. */
  file: string;
  description: string | null;
  /** `any`, `host`, or the name of a file in studies/platforms. */
  platform: string;
  /** CPU cores that each measurement may use; null where the study sets none. */
  cpus: number | null;
  seed: number;
  /** How often each experiment is measured, and in which order; `seed` is that of the order. */
  repeat: { times: number; order: string; seed: number };
  experiments: Experiment[];
  /** In the order in which they will run. */
  measurements: PlannedMeasurement[];
  /** Ids of the experiments that the others are compared with. */
  baseline: string[];
  /** Metric → the smallest difference from the baseline that matters: a part of a ratio, such as 0.05, else in the metric's unit. */
  relevant: { [metric: string]: number };
  /** Configurations that the study leaves out because their worker refuses them. */
  invalid: InvalidConfiguration[];
  /** How many combinations the study leaves out on purpose. */
  excluded: number;
}

/** One configuration of one worker. */
export interface Experiment {
  id: string;
  /** For people. */
  label: string;
  worker: string;
  /** With defaults; data files as paths relative to the workspace, with `/`. */
  configuration: JsonObject;
  /** The settings in which it differs from others: axis → value, and group of variants → name. */
  varied: JsonObject;
  /** `failed` where the study expects it to fail. */
  expect: 'failed' | null;
}

/** One repetition of an experiment. */
export interface PlannedMeasurement {
  /** That of its Nx project behind `<study>.`, and of its folder in the results. */
  id: string;
  /** The id of its experiment. */
  experiment: string;
  /** From 1. */
  repetition: number;
  /** The seed that the worker is given. */
  seed: number;
  /** Its place in the plan, from 0. */
  index: number;
}

export interface InvalidConfiguration {
  worker: string;
  /** As the study writes it, without defaults. */
  written: JsonObject;
  varied: JsonObject;
  reason: string;
}

/** A study's results, as `report` shows them. */
export interface Results {
  study: Study;
  /**
   * One for every measurement of the plan, in its order, whatever became of it; one for each workload of those that have
   * several. Those of other folders follow.
   */
  measurements: Measurement[];
  /** The table `measurements.csv`: a flat row for each measurement and for each invalid configuration. */
  table(): Table;
  /**
   * The table `comparisons.csv`: a row for each experiment and metric.
   * @param metrics - names of metrics; without it the main ones, as in the report.
   */
  comparisons(metrics?: readonly string[]): Comparison[];
  /** The table `samples.parquet`, row by row: a study may have millions. */
  samples(): Generator<Sample, void, undefined>;
  /** The table `observations.parquet`, row by row: a study may have millions. */
  observations(): Generator<Observation, void, undefined>;
  /** Folders of results that can't be used, and are no measurement's of the plan. */
  unusable: UnusableFolder[];
}

export interface UnusableFolder {
  /** Absolute. */
  directory: string;
  id: string;
  reason: string;
}

/** One measurement of the plan, or one workload of it. */
export interface Measurement {
  /** The workloads of one measurement share it. */
  id: string;
  experiment: string;
  label: string;
  worker: string;
  /** The workload; null where there is but one. */
  workload: string | null;
  /** From 1. */
  repetition: number;
  seed: number;
  /** Whether the study names it as its baseline. */
  baseline: boolean;
  /** As planned, with defaults; of a stale one as they were measured. */
  configuration: JsonObject;
  varied: JsonObject;
  /** Only `measured` has numbers of the present settings, data and code; `stale` has numbers of others. */
  state: State;
  /** Why it is in this state; null where the state says it all. */
  reason: string | null;
  /** In order of importance; empty where nothing was measured. Those of a stale one are not of the present settings, data or code. */
  metrics: Metric[];
  /**
   * Name → value: the metrics that have one, in the units of their names. Empty unless the state is `measured`: numbers of
   * earlier settings, data or code are under `metrics` only.
   */
  values: { [metric: string]: number };
  /** PASS where all gates are met, FAIL where one failed, else UNDECIDED; null without gates, and without a result. */
  verdict: 'PASS' | 'FAIL' | 'UNDECIDED' | null;
  gates: Gate[];
  /** All that weakens the numbers. */
  findings: Finding[];
  /** The record of the attempt that is shown; null where there is none that is whole. */
  record: MeasurementRecord | null;
  /** The folder of that attempt, absolute: the files of the result lie in it. */
  directory: string | null;
}

/** One number of a measurement. */
export interface Metric {
  /** Carries the unit. */
  name: string;
  /** Short, without the unit. */
  label: string;
  /** Finite; null where it could not be measured. */
  value: number | null;
  /** `s`, `bytes`, `1/s`, …; empty for counts and pure numbers. */
  unit: string;
  /** Why there is no value; null where there is one. */
  reason: string | null;
  /** Whether the report's table shows it. */
  main: boolean;
  better: 'higher' | 'lower' | null;
  description: string;
  /** Of a value that is the mean of a posterior: the rest of that, in the metric's unit; null for all others. */
  posterior: Posterior | null;
  /** Of a value that is the median of draws from the prior, where no posterior was sampled; null for all others. */
  prior: Prior | null;
}

/** Draws from the prior, in the metric's unit. */
export type Prior = Pick<Posterior, 'low' | 'high' | 'mass'>;

export interface Posterior {
  sd: number;
  /** The ends of the interval in the middle of the draws. */
  low: number;
  high: number;
  /** The share of the draws within it, such as 0.9. */
  mass: number;
  /** Monte Carlo standard error of the value; null where it isn't known. */
  mcse: number | null;
}

/** A threshold that a metric has to meet. */
export interface Gate {
  name: string;
  metric: string;
  /** The metric passes when it is strictly below or above the threshold. */
  passes: 'below' | 'above';
  threshold: number;
  /** Whether the study lets more pass than the default. */
  relaxed: boolean;
  verdict: 'PASS' | 'FAIL' | 'UNDECIDED';
}

export interface Finding {
  /** Such as `neighbour` or `throttled`. */
  code: string;
  message: string;
}

/** A table as it is written to files. */
export interface Table {
  name: string;
  description: string;
  columns: Column[];
  /** Column → value. A row lacks the columns that have no value in it; null is a value of its own, of settings only. */
  rows: JsonObject[];
}

export interface Column {
  /** Unique in its table; carries the unit. */
  name: string;
  /** `time` is ISO 8601 in UTC; `json` is a value of any shape. */
  type: 'text' | 'integer' | 'number' | 'boolean' | 'time' | 'json';
  /** `s`, `bytes`, `1/s`, …; empty for counts, pure numbers and all that isn't a number. */
  unit: string;
  description: string;
}

/** One experiment and one metric: its repetitions, and how it compares with the baseline. A missing number has no key. */
export interface Comparison {
  study: string;
  metric: string;
  unit?: string;
  /** How it is compared. */
  scale: 'ratio' | 'difference';
  /** What is compared, for people. */
  alternative: string;
  experiment: string;
  workload?: string;
  /** The machine, where there are several. */
  host?: string;
  /** Repetitions with a value. */
  repetitions?: number;
  /** In the unit, as all up to `high`. */
  mean?: number;
  median?: number;
  /** With n − 1. */
  sd?: number;
  min?: number;
  max?: number;
  /** The centre of the 95 % interval: the geometric mean for ratios, else the mean. */
  center?: number;
  low?: number;
  high?: number;
  /** The kind of interval, or why there is none. */
  interval?: string;
  /** How many values stand out; they count as any other. */
  outliers?: number;
  /** The name of what it is compared with. */
  baseline?: string;
  /** Against the baseline: the ratio, or the difference in the unit; with the ends of its 95 % interval. */
  estimate?: number;
  estimate_low?: number;
  estimate_high?: number;
  estimate_interval?: string;
  pairs?: number;
  /** Two-sided, of the t test that belongs to the interval. */
  p?: number;
  /** After Holm's correction for all comparisons of the table. */
  p_holm?: number;
  /** The word that this allows. */
  conclusion?: string;
  /** Repetitions that would tell the difference apart in 80 % of studies. */
  repetitions_needed?: number;
  /** The smallest difference that the study calls relevant. */
  relevant?: number;
  /** Why it is not compared. */
  not_compared?: string;
}

/** Of which measurement a row is. A missing value has no key. */
interface OfMeasurement {
  study: string;
  /** The measurement. */
  id: string;
  experiment: string;
  label: string;
  repetition: number;
  state: State;
  /** The machine that measured. */
  host?: string;
  /** What tells machines of the same name apart. */
  machine?: string;
}

/** One number of one call, request, position, …, of a measurement with a result. */
export interface Sample extends OfMeasurement {
  workload?: string;
  /** The kind of thing: `request`, `iteration`, `ideal-point.positions`, … */
  sample: string;
  /** Its place among those of its measurement, from 0. */
  index: number;
  /** Its name. */
  item?: string;
  /** Facts about it that are no numbers. */
  attributes?: JsonObject;
  /** How it ended. */
  status?: string;
  /** The name of the number; carries the unit. */
  quantity: string;
  unit?: string;
  value: number;
}

/**
 * Leave-one-out cross-validation of one observation of a posterior. The only row of a variable whose observations have no
 * numbers has `reason`.
 */
export interface Observation extends OfMeasurement {
  /** The observed variable, where the worker names it. */
  variable?: string;
  /** Its place among those of its variable, from 0. */
  observation?: number;
  /** Its name; only the worst of those that are not reliable have one. */
  item?: string;
  /** Expected log predictive density without it, in nats. */
  elpd?: number;
  /** Its part of the effective number of parameters. */
  p_loo?: number;
  /** Missing where it could not be fitted. */
  pareto_k?: number;
  /** Effective sample size of its importance weights, in draws; too high where it is not reliable. */
  ess?: number;
  /** Whether its Pareto k is at most the limit. */
  reliable?: boolean;
  /** Of the observations of the variable: the same `observation` is the same one only where it is equal. */
  observed_sha256?: string;
  /** Why there are no numbers. */
  reason?: string;
}
