import type { Workload } from './client.ts';
import { datasetContents } from './dataset/contents.ts';
import type { Draw } from './lengths.ts';
import { prefixKey } from './prefix.ts';
import type { Prefixes } from './prefix.ts';
import type { Prompt, PromptKey, PromptSource, Single } from './prompts.ts';
import type { Tokenizer } from './tokenizer.ts';

/** What one request sends and asks for. */
export interface Content {
  prompt: Prompt;
  /** New tokens that are asked for; null for embeddings. */
  asked_tokens: number | null;
  /** Texts of a request for embeddings; left out otherwise. */
  inputs?: number;
  /** The length of the prompt that was asked for; null where it is as long as its text. */
  asked_prompt_tokens: number | null;
  /** Which beginning of the pool it has; null, or left out, for one of its own. */
  prefix?: number | null;
  /** Of a conversation, from 1; left out for a single request. */
  turn?: number;
  /** Tokens of its history that the server has read or made; null where it didn't count them. */
  shared_tokens?: number | null;
  /** How long the user thinks after it, where that is not as after any request. */
  think_s?: number;
}

/** The content of a workload's requests. */
export type ContentSource = (key: PromptKey) => Content;

interface Making {
  prefixes: Prefixes | null;
  isChat: boolean;
  tokenizer: Tokenizer | null;
  /** Makes the prompts of one length. */
  sourceOf(tokens: number): PromptSource;
  /** Is told once when texts of a file are used again. */
  repeats(message: string): void;
}

/**
 * The content of each request of a workload: of a trace or a dataset its own, else of the lengths asked for. Prompts that it may need
 * are tried at once, so that what can't be made is refused before anything is asked. `inputs`: texts of each request for embeddings;
 * null where answers are asked for.
 */
export function contentsOf(workload: Workload, making: Making, inputs: number | null = null): ContentSource {
  const { dataset, lengths } = workload;
  const source =
    dataset === null
      ? madeContents(workload, making)
      : datasetContents({ ...making, dataset, new_tokens: lengths.new_tokens });
  return inputs === null ? source : severalOf(source, inputs);
}

/** Several contents as one request, each in the place that it would have alone. */
function severalOf(source: ContentSource, inputs: number): ContentSource {
  return ({ iteration, sequence, sequences, settling, ...key }) => {
    const first = (iteration * sequences + sequence) * inputs;
    const all = Array.from({ length: inputs }, (_, index) =>
      source({
        ...key,
        iteration: first + index,
        sequence: 0,
        sequences: 1,
        ...(settling !== undefined && { settling: settling * inputs + index }),
      }),
    );
    const lengths = all.flatMap(({ asked_prompt_tokens }) => asked_prompt_tokens ?? []);
    return {
      prompt: { inputs: all.map(({ prompt }) => prompt as Single) },
      inputs,
      asked_tokens: null,
      asked_prompt_tokens: lengths.length < inputs ? null : lengths.reduce((sum, length) => sum + length, 0),
    };
  };
}

function madeContents(
  { trace, lengths, prompt_tokens, new_tokens }: Workload,
  { sourceOf, prefixes }: Making,
): ContentSource {
  const sources = new Map<number, PromptSource>();
  const promptOf = (tokens: number, key: PromptKey): Prompt => {
    if (!sources.has(tokens)) sources.set(tokens, sourceOf(tokens));
    return sources.get(tokens)!(key);
  };
  const middle = prompt_tokens ?? lengths.prompt_tokens.middle;
  const { least, most } = lengths.prompt_tokens;
  const tried = trace.length > 0 ? trace.flatMap((line) => line.prompt_tokens ?? []) : [least, most];
  for (const tokens of [middle, ...tried]) if (!sources.has(tokens)) sources.set(tokens, sourceOf(tokens));
  return (key) => {
    const line = key.pass === 'generate' ? trace[key.iteration] : undefined;
    if (line !== undefined) {
      const prompt = line.prompt ?? promptOf(line.prompt_tokens!, key);
      return { prompt, asked_tokens: line.new_tokens, asked_prompt_tokens: line.prompt_tokens };
    }
    const draw = drawOf(key);
    const asked_prompt_tokens = draw === null ? middle : lengths.prompt_tokens.of(draw);
    const prefix = prefixes?.of(key) ?? null;
    const begun = prefix === null ? key : { ...key, prefix: { tokens: prefixes!.tokens, key: prefixKey(key, prefix) } };
    return {
      prompt: promptOf(asked_prompt_tokens, begun),
      prefix,
      asked_tokens: draw === null ? new_tokens : lengths.new_tokens.of(draw),
      asked_prompt_tokens,
    };
  };
}

/** null: it goes before the load is brought up, and has the middle lengths, so that rounds of a warm-up are alike. */
export function drawOf({ pass, iteration, settling }: PromptKey): Draw | null {
  if (pass === 'generate') return { part: 'measured', index: iteration };
  return settling === undefined ? null : { part: 'settling', index: settling };
}
