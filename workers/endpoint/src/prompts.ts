import { randomInt } from 'node:crypto';
import { InputProblem, Unsupported } from '../../kits/node/index.ts';
import { promptIds } from '../../kits/node/inference/index.ts';
import type { PromptKey as IdsKey } from '../../kits/node/inference/index.ts';
import type { Configuration } from './config.ts';
import type { Message } from '../../kits/node/dataset/index.ts';
import { fromLines } from './lines.ts';
import type { Tokenizer } from './tokenizer.ts';
import { promptTexts as texts } from './texts.ts';
import { COMMON_WORDS, findWords } from './words.ts';

/** What is sent: text, token ids, the messages of a chat, or several texts of which each becomes a vector. */
export type Prompt = Single | { messages: Message[] } | { inputs: Single[] };

/** One text, or its token ids. */
export type Single = string | number[];

export interface PromptKey extends IdsKey {
  /**
   * The salt of this attempt: a server that outlives it may have read the prompts of any earlier one, of this experiment
   * or of another.
   */
  seed: number;
  /** Sequences of an iteration. */
  sequences: number;
  /** Which of the requests that bring the load up it is; undefined for all others. */
  settling?: number;
  /** The beginning that it shares with others: so many of its tokens, and what their ids depend on. */
  prefix?: { tokens: number; key: PromptKey };
}

/** Prompts of a workload: the same for the same key, different for any other from the first token on. */
export type PromptSource = (key: PromptKey) => Prompt;

type Settings = Pick<Configuration, 'api' | 'prompt_form' | 'prompt_ids' | 'prompts' | 'server'>;

/** Drawn anew for each attempt: neither a take, nor a clone, nor another try of the same measurement repeats a prompt. */
export const drawSalt = (): number => randomInt(2 ** 48 - 1);

/**
 * Throws Unsupported where prompts of that length can't be made. `repeats` is told once when a pass needs more prompts
 * than the file has.
 */
export function promptSource(
  settings: Settings,
  tokenizer: Tokenizer | null,
  tokens: number,
  repeats: (message: string) => void,
): PromptSource {
  const { api, prompt_form, prompts, server } = settings;
  refuseUncut({ prompts, tokenizer });
  if (prompts !== null && tokenizer !== null)
    return fromLines({ path: prompts, tokenizer, tokens, isSalted: server === null, repeats });
  const asText = prompt_form === 'text' || (prompt_form === 'auto' && (isTemplated(api) || tokenizer !== null));
  if (!asText) return randomIds(settings, tokens);
  return tokenizer === null ? approximateText(tokens) : exactText(tokenizer, tokens);
}

/** @throws InputProblem for prompts that nothing can cut to their length. */
export function refuseUncut({ prompts, tokenizer }: { prompts: string | null; tokenizer: unknown }): void {
  if (prompts !== null && tokenizer === null) throw new InputProblem(texts.noTokenizer, { setting: 'prompts' });
}

/** Its server puts a prompt into a template, as text. */
export const isTemplated = (api: Configuration['api']): boolean => api === 'chat' || api === 'responses';

function randomIds({ api, prompt_ids: { from, below } }: Settings, tokens: number): PromptSource {
  if (isTemplated(api)) throw new Unsupported(`prompt_form: a chat takes text, no token ids (api: ${api})`);
  if (below <= from) throw new Unsupported(`prompt_ids: below ${below} leaves no ids from ${from}`);
  const allowed = Array.from({ length: below - from }, (_, index) => from + index);
  return (key) => idsOf(allowed, tokens, key);
}

/** About one token a word in most vocabularies; how many they were is what the server says. */
function approximateText(tokens: number): PromptSource {
  return (key) => textOf(COMMON_WORDS, tokens, key);
}

function exactText(tokenizer: Tokenizer, tokens: number): PromptSource {
  const words = findWords(tokenizer);
  const count = (length: number, iteration: number) =>
    tokenizer.encode(textOf(words, length, { ...PROBE, iteration })).length;
  // A tokenizer may always add a token, or split the first word.
  const known = extras.get(tokenizer);
  const extra = known ?? count(tokens, 0) - tokens;
  extras.set(tokenizer, extra);
  const length = tokens - extra;
  for (let probe = 0; probe < (known === undefined ? PROBES : 1); probe += 1) {
    const found = length < 1 ? 0 : count(length, probe);
    if (found !== tokens)
      throw new Unsupported(`tokenizer: random text of exactly ${tokens} tokens can't be made with it, but ${found}`);
  }
  return (key) => textOf(words, length, key);
}

/** Tokens beyond one for each word, the same for every length. */
const extras = new WeakMap<Tokenizer, number>();
function idsOf(allowed: readonly number[], length: number, key: PromptKey): number[] {
  const { prefix } = key;
  if (prefix === undefined) return promptIds(allowed, length, key);
  return [...promptIds(allowed, prefix.tokens, prefix.key), ...promptIds(allowed, length - prefix.tokens, key)];
}

const PROBES = 8;
const PROBE = { seed: 0, workload: 0, pass: 'generate', sequence: 0, sequences: 1 } as const;

function textOf(words: string[], length: number, key: PromptKey): string {
  return idsOf([...words.keys()], length, key)
    .map((id) => words[id])
    .join('');
}
