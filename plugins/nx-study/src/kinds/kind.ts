import type { z } from 'zod';
import type { JsonObject } from '../base/json.ts';
import { isAbsent } from '../base/known.ts';
import type { Absent } from '../base/known.ts';
import type { Finding } from '../record/schema.ts';
import type { Stored } from '../record/read.ts';
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
   * Computed at each reading, never stored; never throws. One, or one for each thing that a process measured, in the
   * order in which they were written.
   */
  workloads: (evidence: Evidence) => Workload[];
  /** What a reader must know of the measurements of a study together: a list for each of them. */
  across?: (measured: readonly Measured[]) => Finding[][];
  gates: readonly Gate[];
  /** What a measurement needs at least, before it starts. Without it nothing is checked. */
  estimateMemory?: (request: MemoryRequest) => MemoryEstimate | Absent;
  /** Seconds that a measurement can't need, however slow the machine: what takes longer hangs. Without it nothing is known. */
  maxDuration_s?: (work: Work) => number;
}

/** What is known of a measurement's work before it starts. */
export interface Work {
  configuration: JsonObject;
  /** Of all its assets together. */
  model_bytes: number;
}

/** What a measurement says of one thing. Each part is a row of its own in reports. */
export interface Workload {
  /** Tells it from the other parts of its measurement; null for kinds that have but one. */
  name: string | null;
  /** In order of importance. */
  metrics: Metric[];
  facts: Fact[];
  /** Warnings within the payload. */
  findings: Finding[];
}

/** A measurement's part as it is held against those of the others. */
export interface Measured {
  id: string;
  facts: readonly Fact[];
}

/** What a measurement left behind. */
export type Evidence = Pick<Stored, 'result' | 'derived'>;

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
}

/** What a number alone doesn't say: what was measured, with what, and whether it may be trusted. */
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

/** A threshold that a metric has to keep. */
export interface Gate {
  /** The key in a study's `gates`. */
  name: string;
  metric: string;
  /** The metric passes when it is strictly `below` or `above` the threshold. */
  passes: 'below' | 'above';
  threshold: number;
  /** Where the default comes from. */
  source: string;
}

/** A number, or why there is none. */
export type Value = number | Absent;

/** What is known of a metric before it is measured. */
export type MetricDefinition = Omit<Metric, 'value' | 'reason'>;

export function toMetric(definition: MetricDefinition, value: Value): Metric {
  if (isAbsent(value)) return { ...definition, value: null, reason: value.reason };
  if (!Number.isFinite(value)) return { ...definition, value: null, reason: `not a finite number: ${value}` };
  return { ...definition, value, reason: null };
}
