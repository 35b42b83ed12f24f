import { randomInt } from 'node:crypto';
import { Unsupported } from '../../kits/node/index.ts';
import { promptIds } from '../../kits/node/inference/index.ts';
import type { PromptKey as IdsKey } from '../../kits/node/inference/index.ts';
import type { Configuration } from './config.ts';
import type { Workload } from './client.ts';
import { fromLines } from './lines.ts';
import type { Tokenizer } from './tokenizer.ts';
import { COMMON_WORDS, findWords } from './words.ts';

/** What is sent: text, or token ids. */
export type Prompt = string | number[];

export interface PromptKey extends IdsKey {
  /**
   * The salt of this attempt: a server that outlives it may have read the prompts of any earlier one, of this experiment
   * or of another.
   */
  seed: number;
  /** Sequences of an iteration. */
  sequences: number;
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
  if (prompts !== null) {
    if (tokenizer === null) throw new Unsupported('prompts: they are cut to prompt_tokens, which needs a tokenizer');
    return fromLines({ path: prompts, tokenizer, tokens, isSalted: server === null, repeats });
  }
  const asText = prompt_form === 'text' || (prompt_form === 'auto' && (api === 'chat' || tokenizer !== null));
  if (!asText) return randomIds(settings, tokens);
  return tokenizer === null ? approximateText(tokens) : exactText(tokenizer, tokens);
}

/** Those of a workload; each request of a trace has a length or a text of its own. `sourceOf` makes the source of a length. */
export function promptsOf(
  { prompt_tokens, trace }: Workload,
  sourceOf: (tokens: number) => PromptSource,
): PromptSource {
  const sources = new Map<number, PromptSource>();
  const source = (tokens: number) => {
    if (!sources.has(tokens)) sources.set(tokens, sourceOf(tokens));
    return sources.get(tokens)!;
  };
  // Lengths that can't be made are refused before anything is asked.
  for (const line of [{ prompt_tokens }, ...trace]) if (line.prompt_tokens !== null) source(line.prompt_tokens);
  return (key) => {
    const line = key.pass === 'generate' ? trace[key.iteration] : undefined;
    return line?.prompt ?? source(line?.prompt_tokens ?? prompt_tokens)(key);
  };
}

function randomIds({ api, prompt_ids: { from, below } }: Settings, tokens: number): PromptSource {
  if (api === 'chat') throw new Unsupported('prompt_form: a chat takes text, no token ids');
  if (below <= from) throw new Unsupported(`prompt_ids: below ${below} leaves no ids from ${from}`);
  const allowed = Array.from({ length: below - from }, (_, index) => from + index);
  return (key) => promptIds(allowed, tokens, key);
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
  const extra = count(tokens, 0) - tokens;
  const length = tokens - extra;
  for (let probe = 0; probe < PROBES; probe += 1) {
    const found = length < 1 ? 0 : count(length, probe);
    if (found !== tokens)
      throw new Unsupported(`tokenizer: random text of exactly ${tokens} tokens can't be made with it, but ${found}`);
  }
  return (key) => textOf(words, length, key);
}

const PROBES = 8;
const PROBE = { seed: 0, workload: 0, pass: 'generate', sequence: 0, sequences: 1 } as const;

function textOf(words: string[], length: number, key: PromptKey): string {
  return promptIds([...words.keys()], length, key)
    .map((id) => words[id])
    .join('');
}
