import { setTimeout as sleep } from 'node:timers/promises';
import type { Events } from '../../kits/node/index.ts';
import { bodyOf } from './body.ts';
import type { Configuration, Load } from './config.ts';
import { readTrace } from './load/trace.ts';
import type { TraceLine } from './load/trace.ts';
import type { PromptKey, PromptSource } from './prompts.ts';
import type { Ready } from './stock.ts';
import type { Reply } from './stream.ts';
import type { Sender } from './threads/senders.ts';
import type { Tokenizer } from './tokenizer.ts';
import type { Watch } from './watch/look.ts';

/** One workload as it is measured. */
export interface Workload {
  /** Its place in the configuration. */
  index: number;
  prompt_tokens: number;
  new_tokens: number;
  load: Load;
  /** Of a replay, whose requests have lengths of their own; empty for all other loads. */
  trace: readonly TraceLine[];
}

/** What sends, and what it needs; sending rejects also when the server that this worker started is gone. */
export interface Client extends Sender {
  configuration: Configuration;
  /** Of the arrivals: the same in each experiment of a repetition. */
  seed: number;
  /** Of the prompts: of this attempt alone. */
  salt: number;
  tokenizer: Tokenizer | null;
  /** Whether the server counts along when it is asked to: known after the first call. */
  usage: { running: boolean };
  /** How long the first call took. */
  first_s: number;
  events: Events;
  /** Known after the first call. */
  watch: Watch;
  /** Rejects when that server is gone before the work is done. */
  whileAlive<T>(work: Promise<T>): Promise<T>;
}

/** Workloads as written; what an entry leaves out comes from the top level. */
export function workloadsOf({ workloads, prompt_tokens, new_tokens, load }: Configuration): Workload[] {
  return (workloads ?? [{}]).map((entry, index) => {
    const one = { index, prompt_tokens, new_tokens, load, trace: [], ...entry };
    return one.load.mode === 'replay' ? { ...one, ...replayed(readTrace(one.load.file), one) } : one;
  });
}

/** What goes before a trace has lengths from its middle. */
function replayed(trace: readonly TraceLine[], { prompt_tokens }: Pick<Workload, 'prompt_tokens'>) {
  const middle = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1];
  return {
    trace,
    prompt_tokens: middle(trace.flatMap((line) => line.prompt_tokens ?? [])) ?? prompt_tokens,
    new_tokens: middle(trace.map((line) => line.new_tokens))!,
  };
}

/** A request of a pass: the one of an iteration, or one of its `sequences`. */
export function makeRequest(
  { configuration, salt, usage }: Client,
  { index, new_tokens, trace }: Workload,
  prompts: PromptSource,
  place: Pick<PromptKey, 'pass' | 'iteration'> & Partial<PromptKey>,
): Ready {
  const prompt = prompts({ sequence: 0, sequences: 1, ...place, seed: salt, workload: index });
  const asked_tokens = (place.pass === 'generate' ? trace[place.iteration]?.new_tokens : null) ?? new_tokens;
  return { prompt, asked_tokens, body: bodyOf(configuration, prompt, asked_tokens, usage.running) };
}

/** Rejects when the server that this worker started is gone: before that shows, its connections break. */
export async function unlessDead({ whileAlive }: Client, replies: Reply[]): Promise<void> {
  if (replies.some(({ error }) => error?.type === 'connection')) await whileAlive(sleep(200));
}
