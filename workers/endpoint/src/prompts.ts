import { readFileSync } from 'node:fs';
import { Unsupported } from '../../kits/node/index.ts';
import { promptIds } from '../../kits/node/inference/index.ts';
import type { PromptKey as IdsKey } from '../../kits/node/inference/index.ts';
import type { Configuration } from './config.ts';
import type { Tokenizer } from './tokenizer.ts';
import { COMMON_WORDS, findWords } from './words.ts';

/** What is sent: text, or token ids. */
export type Prompt = string | number[];

export interface PromptKey extends IdsKey {
  /** Sequences of an iteration. */
  sequences: number;
}

/** Prompts of a workload: the same for the same key, different for any other. */
export type PromptSource = (key: PromptKey) => Prompt;

type Settings = Pick<Configuration, 'api' | 'prompt_form' | 'prompt_ids' | 'prompts'>;

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
  const { api, prompt_form, prompts } = settings;
  if (prompts !== null) {
    if (tokenizer === null) throw new Unsupported('prompts: they are cut to prompt_tokens, which needs a tokenizer');
    return fromLines(prompts, tokenizer, tokens, repeats);
  }
  const asText = prompt_form === 'text' || (prompt_form === 'auto' && (api === 'chat' || tokenizer !== null));
  if (!asText) return randomIds(settings, tokens);
  return tokenizer === null ? approximateText(tokens) : exactText(tokenizer, tokens);
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

/**
 * Lines in their order, over and over. What is measured starts with the first; what goes before takes them from the
 * last one backwards: a server may still have them in a cache.
 */
function fromLines(
  path: string,
  tokenizer: Tokenizer,
  tokens: number,
  repeats: (message: string) => void,
): PromptSource {
  const text = readFileSync(path, 'utf8');
  const lines = text.split(/\r?\n/).flatMap((line, index) => (line.trim() === '' ? [] : [{ line, number: index + 1 }]));
  if (lines.length === 0) throw new Unsupported('prompts: the file has no prompts');
  const prompts = lines.map(({ line, number }) => cut(line, number, tokenizer, tokens));
  let told = false;
  return ({ pass, iteration, sequence, sequences }) => {
    const count = iteration * sequences + sequence;
    if (!told && count >= prompts.length) {
      told = true;
      repeats(`${path} has ${prompts.length} prompts, and the pass ${pass} uses them more than once`);
    }
    const index = count % prompts.length;
    return pass === 'generate' ? prompts[index]! : prompts.at(-1 - index)!;
  };
}

function cut(line: string, number: number, tokenizer: Tokenizer, tokens: number): string {
  const ids = tokenizer.encode(line);
  if (ids.length < tokens)
    throw new Unsupported(`prompts: line ${number} has ${ids.length} tokens, prompt_tokens asks for ${tokens}`);
  // The text of the first tokens may be split in another way once the rest is gone.
  for (let taken = tokens; taken <= Math.min(ids.length, tokens + PROBES); taken += 1) {
    const text = tokenizer.decode(ids.slice(0, taken));
    if (tokenizer.encode(text).length === tokens) return text;
  }
  throw new Unsupported(`prompts: line ${number} can't be cut to exactly ${tokens} tokens`);
}
