import type { JsonObject } from '../base/json.ts';
import type { GpuMemory } from '../machine/vram.ts';
import type { MemoryRule } from '../worker/manifest.ts';

/** The least memory that a measurement takes. */
export interface MemoryEstimate {
  /** Whose memory it is. */
  on: 'host' | 'gpu';
  /** How many GPUs share it; 0 on the host. */
  gpus: number;
  /** What lies in memory at once. */
  terms: MemoryTerm[];
  /** What is needed as well, but can't be told how much. */
  omitted: { name: string; reason: string }[];
}

// Type aliases, not interfaces, so that they are JSON objects.
export type MemoryTerm = { name: string; bytes: number };

export interface MemoryRequest {
  /** As the worker gets it: with defaults, paths absolute. */
  configuration: JsonObject;
  /** What the worker says of itself. */
  rule: MemoryRule;
  /** Those that the worker sees; empty where there are none, null where that can't be told. */
  gpus: readonly GpuMemory[] | null;
}

export const totalOf = ({ terms }: Pick<MemoryEstimate, 'terms'>): number =>
  terms.reduce((sum, { bytes }) => sum + bytes, 0);
