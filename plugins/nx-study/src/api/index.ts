/** @internal nx.json may name the package in place of `nx-study/plugin`: without it Nx would find no study, and say nothing. */
export { createNodes } from '../graph/plugin.ts';
export { StudyError } from '../yaml/texts.ts';
export type { StudyIssue } from '../yaml/texts.ts';
export type { State } from '../state/states.ts';
export type { Json, JsonObject } from '../base/json.ts';
export { loadStudy } from './load.ts';
export { readResults } from './read.ts';
export type { ReadOptions } from './read.ts';
export type { Place } from './place.ts';
export type { MeasurementRecord } from './record.ts';
export type {
  Column,
  Comparison,
  Experiment,
  Finding,
  Gate,
  InvalidConfiguration,
  Measurement,
  Metric,
  PlannedMeasurement,
  Posterior,
  Results,
  Observation,
  Sample,
  Study,
  Table,
  UnusableFolder,
} from './types.ts';
