import { setTimeout as sleep } from 'node:timers/promises';
import type { Events } from '../../kits/node/index.ts';
import { bodyOf } from './body.ts';
import type { Configuration } from './config.ts';
import type { CacheCounters } from './counters.ts';
import type { PromptKey, PromptSource } from './prompts.ts';
import type { Ready } from './stock.ts';
import type { Reply } from './stream.ts';
import type { Tokenizer } from './tokenizer.ts';

/** One workload as it is measured. */
export interface Workload {
  /** Its place in the configuration. */
  index: number;
  prompt_tokens: number;
  new_tokens: number;
  load: Configuration['load'];
}

export interface Client {
  configuration: Configuration;
  /** Of the arrivals: the same in each experiment of a repetition. */
  seed: number;
  /** Of the prompts: of this attempt alone. */
  salt: number;
  tokenizer: Tokenizer | null;
  /** Whether the server counts along when it is asked to: known after the first call. */
  usage: { running: boolean };
  events: Events;
  /** Sends a body; rejects only when the server that this worker started is gone. */
  send(body: string): Promise<Reply>;
  /** What the server counts of its cache. Never rejects. */
  counters(): Promise<CacheCounters | null>;
  /** Rejects when that server is gone before the work is done. */
  whileAlive<T>(work: Promise<T>): Promise<T>;
}

/** Workloads as written; what an entry leaves out comes from the top level. */
export function workloadsOf({ workloads, prompt_tokens, new_tokens, load }: Configuration): Workload[] {
  return (workloads ?? [{}]).map((entry, index) => ({ index, prompt_tokens, new_tokens, load, ...entry }));
}

/** A request of a pass: the one of an iteration, or one of its `sequences`. */
export function makeRequest(
  { configuration, salt, usage }: Client,
  { index, new_tokens }: Workload,
  prompts: PromptSource,
  place: Pick<PromptKey, 'pass' | 'iteration'> & Partial<PromptKey>,
): Ready {
  const prompt = prompts({ sequence: 0, sequences: 1, ...place, seed: salt, workload: index });
  return { prompt, body: bodyOf(configuration, prompt, new_tokens, usage.running) };
}

/** Rejects when the server that this worker started is gone: before that shows, its connections break. */
export async function unlessDead({ whileAlive }: Client, replies: Reply[]): Promise<void> {
  if (replies.some(({ error }) => error?.type === 'connection')) await whileAlive(sleep(200));
}
