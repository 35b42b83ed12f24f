import type { JsonObject } from '../base/json.ts';
import type { GpuMemory } from '../machine/vram.ts';
import type { MemoryRule } from '../worker/manifest.ts';
import type { Size } from '../worker/size.ts';

/** The least memory that a measurement takes, as the sum of its terms. */
export interface MemoryEstimate {
  /** Whose memory it is. */
  on: 'host' | 'gpu';
  /** How many GPUs share it; 0 on the host. */
  gpus: number;
  /** What lies in memory at once. */
  terms: MemoryTerm[];
  /** Terms whose size is not known, each with the reason. */
  omitted: { name: string; reason: string }[];
}

// Type aliases, not interfaces, so that they are JSON objects.
export type MemoryTerm = { name: string; bytes: number };

export interface MemoryRequest {
  /** As the worker gets it: with defaults, paths absolute. */
  configuration: JsonObject;
  /** The `memory` of worker.json; null where it has none. */
  rule: MemoryRule | null;
  /** What the worker's check says of the model; null where it says nothing. */
  size: Size | null;
  /** The GPUs that the worker sees; empty where there are none, null where that is not known. */
  gpus: readonly GpuMemory[] | null;
}

/** The sum of the terms, bytes. */
export const totalOf = ({ terms }: Pick<MemoryEstimate, 'terms'>): number =>
  terms.reduce((sum, { bytes }) => sum + bytes, 0);
