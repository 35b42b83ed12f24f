import type { Origin } from '../amendments/origins.ts';
import type { JsonObject } from '../base/json.ts';
import type { Execution } from '../plan/types.ts';

/** A `measure` target's options: one measurement, frozen when the graph was built. Nx hashes all of it. */
export interface MeasureOptions {
  study: string;
  id: string;
  worker: string;
  /** With defaults; data files as paths relative to the workspace root. */
  configuration: JsonObject;
  /** Dotted paths in `configuration` whose values are data files. */
  dataFiles: string[];
  /** Those of them that are Python files; the modules that they import belong to the identity. */
  pythonFiles: string[];
  /** Dotted paths in `configuration` that name assets. */
  assets: string[];
  /** Those assets that were not hashed when the graph was built, or may change unseen: the digest contains their paths instead of hashes. */
  unhashed: string[];
  /** Of the worker's environment; null where it has only one. */
  variant: string | null;
  platform: string;
  cpus: number | null;
  repetition: number;
  seed: number;
  take: number;
  /** Not part of the digest, but of Nx's hash: it decides what counts as done. */
  expect: 'failed' | null;
  digest: string;
  /** Earlier versions of the worker whose outcomes count too, because a person accepted the change. Nx hashes it, so that a withdrawn acceptance restores nothing. */
  accepted: Origin[];
}

/** A `measure` target's metadata under `nxStudy`. Nx doesn't hash it, so changing it measures nothing again. */
export interface MeasureMetadata {
  experiment: string;
  label: string;
  varied: JsonObject;
  /** Position in the study's plan, from 0. */
  index: number;
  /** Number of measurements in the study's plan. */
  of: number;
  /** From 1; a change from one measurement to the next is the boundary of a cycle. */
  cycle: number;
  /** From 1. */
  lane: number;
  /** Known from `seed` and `repetition`, which the digest has. */
  studySeed: number;
  execution: Execution;
}

export type MeasureTask = MeasureOptions & MeasureMetadata;

/** The Nx project of a measurement. */
export const measurementProject = (study: string, id: string) => `${study}.${id}`;
