import { setTimeout as sleep } from 'node:timers/promises';
import type { Events } from '../../kits/node/index.ts';
import { Unsupported } from '../../kits/node/index.ts';
import { bodyOf } from './body.ts';
import type { Configuration, Load } from './config.ts';
import { readTrace } from './load/trace.ts';
import type { TraceLine } from './load/trace.ts';
import type { ContentSource } from './contents.ts';
import { promptTokens } from './count.ts';
import { sizesOf } from './dataset/contents.ts';
import { datasetOf, refuseTrace } from './dataset/dataset.ts';
import type { Dataset } from './dataset/dataset.ts';
import { datasetTexts as texts } from './dataset/texts.ts';
import { lengthsOf, longestTogether } from './lengths.ts';
import type { Lengths, LengthSource } from './lengths.ts';
import type { Prefixes } from './prefix.ts';
import type { PromptKey } from './prompts.ts';
import type { Ready } from './stock.ts';
import type { Reply } from './stream.ts';
import type { Sender } from './threads/senders.ts';
import type { Tokenizer } from './tokenizer.ts';
import type { Watch } from './watch/look.ts';

/** One workload as it is measured. */
export interface Workload {
  /** Its place in the configuration. */
  index: number;
  /** Of each prompt; where they differ the middle of them; null where nobody can count the texts of a file. */
  prompt_tokens: number | null;
  /** 0 for embeddings. */
  new_tokens: number;
  /** As they were asked for. */
  asked: { prompt_tokens: Lengths; new_tokens: Lengths };
  lengths: { prompt_tokens: LengthSource; new_tokens: LengthSource };
  /** The longest prompt with its answer, before a chat template; null where nobody can count that. */
  longest_tokens: number | null;
  load: Load;
  /** The texts of a file; null where prompts are made. */
  dataset: Dataset | null;
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
  /** Beginnings that prompts share; null for none. */
  prefixes: Prefixes | null;
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

/** The settings that say what workloads there are. */
type OfWorkloads = Pick<Configuration, 'api' | 'prompt_tokens' | 'new_tokens' | 'load' | 'turns' | 'workloads'> &
  Parameters<typeof datasetOf>[0];

/**
 * Workloads as written; what an entry leaves out comes from the top level. `seed`: of the lengths that are drawn.
 *
 * @throws Unsupported for lengths, datasets and traces that can't be used.
 */
export function workloadsOf(configuration: OfWorkloads, seed: number, tokenizer: Tokenizer | null): Workload[] {
  const dataset = datasetOf(configuration, tokenizer, seed);
  return (configuration.workloads ?? [{}]).map((entry, index) => {
    const { load, ...asked } = {
      prompt_tokens: configuration.prompt_tokens,
      new_tokens: configuration.new_tokens,
      load: configuration.load,
      ...entry,
    };
    const lengths = {
      prompt_tokens: lengthsOf('prompt_tokens', asked.prompt_tokens, seed),
      new_tokens: lengthsOf('new_tokens', configuration.api === 'embeddings' ? 0 : asked.new_tokens, seed),
    };
    const middles = { prompt_tokens: lengths.prompt_tokens.middle, new_tokens: lengths.new_tokens.middle };
    const longest_tokens = (configuration.turns?.count ?? 1) * longestTogether(asked, lengths);
    const one = { index, ...middles, asked, lengths, longest_tokens, load, dataset, trace: [] };
    if (dataset === null)
      return load.mode === 'replay' ? { ...one, ...replayed(readTrace(load.file, configuration.api), tokenizer) } : one;
    refuseTrace(dataset, load);
    if (entry.prompt_tokens !== undefined) throw new Unsupported(texts.withPromptTokens(index));
    const sizes = { ...one, ...sizesOf(dataset, lengths.new_tokens) };
    // How long a history becomes is known only when its answers are there.
    return configuration.turns === null ? sizes : { ...sizes, longest_tokens: null };
  });
}

/** What goes before a trace has lengths from its middle. */
function replayed(trace: readonly TraceLine[], tokenizer: Tokenizer | null) {
  const middle = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1];
  const counts = trace.map(({ prompt, prompt_tokens }) => prompt_tokens ?? promptTokens(prompt!, tokenizer));
  const isCounted = !counts.includes(null);
  const longest = trace.reduce((most, line, index) => Math.max(most, (counts[index] ?? 0) + line.new_tokens), 0);
  return {
    trace,
    longest_tokens: isCounted ? longest : null,
    prompt_tokens: isCounted ? middle(counts.map((tokens) => tokens!))! : null,
    new_tokens: middle(trace.map((line) => line.new_tokens))!,
  };
}

/** A request of a pass: the one of an iteration, or one of its `sequences`. */
export function makeRequest(
  { configuration, salt, usage }: Client,
  { index }: Workload,
  contents: ContentSource,
  place: Pick<PromptKey, 'pass' | 'iteration'> & Partial<PromptKey>,
): Ready {
  const content = contents({ sequence: 0, sequences: 1, ...place, seed: salt, workload: index });
  return { ...content, body: bodyOf(configuration, content.prompt, content.asked_tokens, usage.running) };
}

/** Rejects when the server that this worker started is gone: before that shows, its connections break. */
export async function unlessDead({ whileAlive }: Client, replies: Reply[]): Promise<void> {
  if (replies.some(({ error }) => error?.type === 'connection')) await whileAlive(sleep(200));
}
