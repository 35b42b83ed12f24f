import { createHash } from 'node:crypto';
import type { JsonObject } from '../request.ts';

/** A shape to measure; `index` is its place in the configuration. */
export interface Workload {
  index: number;
  batchSize: number;
  promptTokens: number;
  newTokens: number;
}

/** The workloads as written, or the top level where none is; keys that an entry leaves out come from there, too. */
export function workloadsOf(configuration: JsonObject): Workload[] {
  const written = (configuration.workloads ?? []) as JsonObject[];
  return (written.length > 0 ? written : [{}]).map((entry: JsonObject, index) => {
    const value = (name: string) => (entry[name] ?? configuration[name]) as number;
    return {
      index,
      batchSize: value('batch_size'),
      promptTokens: value('prompt_tokens'),
      newTokens: value('new_tokens'),
    };
  });
}

/** Indices of the workloads in the order of their run: seeded, the same in every kit. */
export function workloadOrder(seed: number, count: number): number[] {
  const keys = Array.from({ length: count }, (_, index) =>
    createHash('sha256').update(`${seed}/order/${index}`).digest('hex'),
  );
  return [...keys.keys()].sort((a, b) => (keys[a]! < keys[b]! ? -1 : 1));
}
