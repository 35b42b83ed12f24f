import type { z } from 'zod';
import type { JsonObject } from '../base/json.ts';
import { isAbsent } from '../base/known.ts';
import type { Absent } from '../base/known.ts';
import type { Finding, MeasurementRecord } from '../record/schema.ts';
import type { Stored } from '../record/read.ts';
import type { Size } from '../worker/size.ts';
import type { MemoryEstimate, MemoryRequest } from './memory-estimate.ts';

/** The contract of a result: what a worker must write, and which numbers are read from it. */
export interface Kind {
  /** As in `worker.json`. */
  name: string;
  /** The payload of `result.json`. */
  payload: z.ZodType;
  /** The payload of `derived.json`; null when workers of this kind derive nothing that is read here. */
  derived: z.ZodType | null;
  /**
   * The numbers of a measurement, by workload, in the order in which the worker wrote them; computed at each reading, never
   * stored. Never throws: a result that can't be read has no metrics, or metrics without values and with reasons.
   */
  workloads: (evidence: Evidence, judging?: Judging) => Workload[];
  /** What the numbers were made from, such as requests or estimates, one by one; without it there is nothing of the sort. */
  samples?: (evidence: Evidence) => Sample[];
  /** How each observation of the data is predicted when it is left out, by observed variable; without it nothing of the sort is derived. */
  observations?: (evidence: Evidence) => ObservedVariable[];
  /** Findings from comparing the measurements of a study: a list for each of them, in the same order. */
  across?: (measured: readonly Measured[]) => Finding[][];
  gates: readonly Gate[];
  /** The names that a study's `report.slo` may use: limits that each single request of a measurement has to meet. */
  objectives: readonly string[];
  /**
   * The least memory that a measurement takes, before it starts, in bytes; absent where it can't be known, null where its worker
   * says nothing of memory. Without it nothing is checked.
   */
  estimateMemory?: (request: MemoryRequest) => MemoryEstimate | Absent | null;
  /**
   * What a record keeps of the model before the start, so that numbers can be computed from it when results are read: a JSON
   * object. Absent where it can't be known, null where its worker says nothing of memory. Without it nothing is kept.
   */
  describeModel?: (request: MemoryRequest) => JsonObject | Absent | null;
  /** What is known of a measurement before its start beside its settings, for the rules of what its engine refuses. Never throws. */
  knownBefore?: (request: BeforeStart) => KnownBefore;
  /** What a measurement of a known size costs beside memory; without it only equal measurements tell. */
  costs?: Costs;
  /** Whether settings ask for as much work as others of the same worker, so that the time of one says anything of the other's. */
  asksForAsMuch?: (planned: JsonObject, measured: JsonObject) => boolean;
  /** The longest time in s that a measurement can take on any machine; one that takes longer hangs. Without it there is no such limit. */
  maxDuration_s?: (work: Work) => number;
}

export interface BeforeStart {
  /** With the worker's defaults. */
  configuration: JsonObject;
  /** NVIDIA GPUs that the worker sees; null where that is not known. */
  gpus: number | null;
  /** The model that the settings name, where its header may be read; else null. */
  model: string | null;
}

/** By the names of `FACTS`; what is not known is absent. */
export interface KnownBefore {
  work: JsonObject;
  model: JsonObject;
}

/** By what a study judges results when they are read; it is no part of what is measured. */
export interface Judging {
  /** Thresholds that the study sets, by the name of the gate. */
  gates: Readonly<Record<string, number>>;
  /** Limits for each single request, by objective. */
  slo: Readonly<Record<string, number>>;
  /** For an hour of all that a measurement uses; null where the study names none. */
  price: Price | null;
  /** Of each of the devices; null where the study names none. */
  peak: Peak | null;
}

/** What a device can do at most. */
export interface Peak {
  /** By compute type, in 10¹² FLOP/s. */
  tflop_per_s: Readonly<Partial<Record<string, number>>>;
  memory_gb_per_s: number | null;
}

export interface Price {
  per_hour: number;
  /** Such as `USD`. */
  currency: string;
}

export const NOT_JUDGED: Judging = { gates: {}, slo: {}, price: null, peak: null };

/** What measurements cost, by the size of their models. */
export interface Costs {
  /** Bytes that stay on the disk; null where the settings don't say. */
  disk: (configuration: JsonObject, size: Size) => number | null;
  /** The time of another measurement of the same worker at the size of this one, s; null where its result doesn't say its work. */
  scaled_s: (planned: SizedWork, measured: MeasuredWork) => number | null;
  /** By a rule, where nothing was measured; null where the settings don't say. */
  rough_s: (planned: SizedWork) => RoughTime | null;
}

/** A measurement that is to be done, by its size. */
export interface SizedWork {
  configuration: JsonObject;
  size: Size;
  /** Cores that it may keep busy. */
  cpus: number;
}

export interface MeasuredWork {
  elapsed_s: number;
  /** Cores that it could keep busy. */
  cpus: number;
  /** Of its result. */
  payload: unknown;
}

/** What is likely, and the range in which it will be, s. */
export interface RoughTime {
  median_s: number;
  low_s: number;
  high_s: number;
}

/** A measurement's work, as it is known before the start. */
export interface Work {
  configuration: JsonObject;
  /** Of all its assets together. */
  model_bytes: number;
}

/** The numbers, facts and findings of one workload of a measurement. Each has a row of its own in reports. */
export interface Workload {
  /** Distinguishes it from other workloads of the same measurement; null for kinds that have only one. */
  name: string | null;
  /** Its place in the configuration, from 0, by which warnings name it (`workload 2: …`); absent for kinds that have only one. */
  place?: number;
  /** In order of importance. */
  metrics: Metric[];
  facts: Fact[];
  /** Warnings within the payload. */
  findings: Finding[];
}

/** One of the many things that a workload's numbers are made from. */
export interface Sample {
  /** The name of the workload; null for kinds that have only one. */
  workload: string | null;
  /** The kind of thing: `request`, `iteration`, `ideal-point.positions`, … */
  sample: string;
  /** Its place among those of the same kind, from 0. */
  index: number;
  /** Its own name; null where the index is all there is. */
  item: string | null;
  /** Other facts about it that are no numbers. */
  attributes: JsonObject;
  /** How it ended, such as `successful` or `error: timeout`; null where it can't fail. */
  status: string | null;
  quantities: Quantity[];
}

export interface Quantity {
  /** Carries the unit. */
  name: string;
  unit: string;
  value: number;
}

export interface ObservedVariable {
  /** null where the worker names none, or all of them lack the numbers. */
  variable: string | null;
  /** Of the observations in their order: the same index is the same observation only where it is equal. null where not known. */
  observed_sha256: string | null;
  /** In their order; absent where their numbers were not computed or not kept. */
  observations: Observation[] | Absent;
}

/** Leave-one-out cross-validation of one observation; what is not known is null. */
export interface Observation {
  /** Its own name. */
  item: string | null;
  /** Expected log predictive density, in nats. */
  elpd: number;
  p_loo: number | null;
  pareto_k: number | null;
  /** Effective sample size of the importance weights, in draws. */
  ess: number | null;
  /** Whether Pareto k is at most its limit. */
  reliable: boolean | null;
}

/** One workload of a measurement, for comparing it with those of others. */
export interface Measured {
  id: string;
  facts: readonly Fact[];
}

/** The documents of a measurement: its result, what was derived from it, and where it was measured. */
export type Evidence = Pick<Stored, 'result' | 'derived'> & { record?: Circumstances };

/** What a record knows of model and machine. */
export type Circumstances = Pick<MeasurementRecord, 'model' | 'machine'>;

/** One number of a measurement. */
export interface Metric {
  /** Unique within a measurement; carries the unit. */
  name: string;
  /** Short, for a column's head; without the unit. */
  label: string;
  /** Always finite. */
  value: number | null;
  /** `s`, `bytes`, `1/s`, …; empty for counts and pure numbers. */
  unit: string;
  /** Why there is no value; null when there is one. */
  reason: string | null;
  /** Belongs in a table on screen. */
  main: boolean;
  better: 'higher' | 'lower' | null;
  description: string;
  /** Its place among those that a study is judged by first, from 1; other main metrics follow. */
  first?: number;
  /** Names of metrics that a table on screen shows in the same cell, such as percentiles beside the median. */
  beside?: readonly string[];
  /** Absent where the value is compared with a gate as it is. */
  bounds?: Bounds;
  /**
   * `of one basis`: two values may be compared only where both measurements ask the same of the same observations.
   * `by observation`: never as one number each, as the error of their difference is one over observations, which no repetition shows.
   * Absent where values may be compared as they are.
   */
  compared?: 'of one basis' | 'by observation';
  /** Absent for a value that is no mean of a posterior. */
  posterior?: MetricPosterior;
  /** Monte Carlo standard error of one number that is computed from all draws at once; a mean of a posterior has its own. */
  mcse?: number;
  /** Absent for a value that is no median of draws from a prior. */
  prior?: MetricPrior;
}

/** One-sided 95 % bounds of what the value estimates, for a gate; in the metric's unit. Infinity lies beyond all values. */
export interface Bounds {
  low: number | null;
  high: number | null;
  /** Why one of them is null. */
  reason: string | null;
  /** What has a part in the bounds and none in the value, such as requests that failed, in words; and the value with these. Absent where there is nothing. */
  counted?: { what: string; value: number };
}

/** The posterior distribution whose mean is a metric's value. In the metric's unit. */
export interface MetricPosterior {
  sd: number;
  /** The ends of the interval in the middle of the draws. */
  low: number;
  high: number;
  /** The share of the draws within the interval, such as 0.9. */
  mass: number;
  /** Monte Carlo standard error of the value; null where it isn't known. */
  mcse: number | null;
}

/** The draws from a prior whose median is a metric's value. In the metric's unit. */
export type MetricPrior = Pick<MetricPosterior, 'low' | 'high' | 'mass'>;

/** A fact beside the numbers: what was measured, with which engine and settings, and how far it may be trusted. */
export interface Fact {
  /** Unique within a measurement. */
  name: string;
  /** Short, for a column's head. */
  label: string;
  /** null where it is not known. */
  value: string | number | boolean | null;
  /** Belongs in a table on screen. */
  main: boolean;
}

/** A threshold that a metric has to meet. */
export interface Gate {
  /** The key in a study's `gates`. */
  name: string;
  metric: string;
  /** The metric that it judges among these, where that depends on what was measured; without it that is `metric`. */
  metricOf?: (metrics: readonly Metric[]) => string;
  /** The metric passes when it is strictly `below` or `above` the threshold. */
  passes: 'below' | 'above';
  /** null for a gate that holds only where a study sets it. */
  threshold: number | null;
  /** Whether it says that the numbers can be relied on, or that they are as good as somebody wants them. */
  judges: 'reliability' | 'target';
  /** Where the default comes from. */
  source: string;
  /** Whether it has a meaning for these metrics; one that has none is not evaluated. Without it it always has. */
  applies?: (metrics: readonly Metric[]) => boolean;
  /** The same before the start, by the settings; a study is told where one of its gates concerns nothing. Without it it always does. */
  concerns?: (configuration: JsonObject) => boolean;
}

/** A number, or why there is none. */
export type Value = number | Absent;

/** A metric without its value. */
export type MetricDefinition = Omit<Metric, 'value' | 'reason' | 'posterior' | 'prior' | 'bounds'>;

/** A metric with its value, or with the reason why there is none. A value that isn't finite is none. */
export function toMetric(definition: MetricDefinition, value: Value): Metric {
  if (isAbsent(value)) return { ...definition, value: null, reason: value.reason };
  if (!Number.isFinite(value)) return { ...definition, value: null, reason: `not a finite number: ${value}` };
  return { ...definition, value, reason: null };
}
