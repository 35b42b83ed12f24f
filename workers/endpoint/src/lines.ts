import { InputProblem } from '../../kits/node/index.ts';
import { promptIds } from '../../kits/node/inference/index.ts';
import { readPrompts } from '../../kits/node/dataset/index.ts';
import type { Place } from '../../kits/node/dataset/index.ts';
import type { PromptKey, PromptSource } from './prompts.ts';
import { promptTexts as texts } from './texts.ts';
import type { Tokenizer } from './tokenizer.ts';
import { findWords } from './words.ts';

interface Lines {
  path: string;
  tokenizer: Tokenizer;
  /** Of each prompt. */
  tokens: number;
  /** Each prompt begins with random words: the server may have read the lines before this measurement. */
  isSalted: boolean;
  /** Is told once when a pass needs more prompts than the file has. */
  repeats: (message: string) => void;
}

/**
 * Lines of a file in their order, over and over. What is measured starts with the first; what goes before takes them
 * from the last one backwards: a server may still have them in a cache.
 *
 * @throws InputProblem for a file without prompts, and for a line that is too short or can't be cut exactly.
 */
export function fromLines({ path, tokenizer, tokens, isSalted, repeats }: Lines): PromptSource {
  const known = encoded.get(tokenizer)?.get(path);
  const read = known ?? readPrompts(path).map(({ text, place }) => ({ ids: tokenizer.encode(text), place }));
  encoded.set(tokenizer, new Map(encoded.get(tokenizer)).set(path, read));
  const lines = read.map(({ ids, place }) => cutter(ids, place, tokenizer, tokens));
  const salt = isSalted ? salts(tokenizer, tokens) : () => '';
  // Where lengths differ from request to request, all lines are tried with the first one only.
  if (known === undefined) for (const line of lines) line((draw) => salt(PROBE, draw));
  let told = false;
  return (key) => {
    const count = key.iteration * key.sequences + key.sequence;
    if (!told && count >= lines.length) {
      told = true;
      repeats(`${path} has ${lines.length} prompts, and the pass ${key.pass} uses them more than once`);
    }
    const index = count % lines.length;
    const line = key.pass === 'generate' ? lines[index]! : lines.at(-1 - index)!;
    return line((draw) => salt(key, draw));
  };
}

/** Lines of files that were read already. */
const encoded = new WeakMap<Tokenizer, Map<string, { ids: number[]; place: Place }[]>>();

const PROBE: PromptKey = { seed: 0, workload: 0, pass: 'generate', iteration: 0, sequence: 0, sequences: 1 };

// Caches of prefixes work in blocks of some 16 tokens: whatever differs in the first block makes all others new, too.
const SALT_TOKENS = 8;

/** Random words of one token each, to stand in front: others for each key, and for each further draw of it. */
function salts(tokenizer: Tokenizer, tokens: number): (key: PromptKey, draw: number) => string {
  const words = findWords(tokenizer);
  const length = Math.min(SALT_TOKENS, Math.floor(tokens / 2));
  return (key, draw) =>
    promptIds([...words.keys()], length * (draw + 1), key)
      .slice(-length)
      .map((id) => words[id])
      .join('');
}

/** Makes a prompt of exactly so many tokens of a line: its salt, and as much of the line's beginning as there is room for. */
function cutter(ids: readonly number[], place: Place, tokenizer: Tokenizer, tokens: number) {
  if (ids.length < tokens) throw new InputProblem(texts.short(ids.length, tokens), place);
  return (salt: (draw: number) => string): string => {
    for (let draw = 0; draw < DRAWS; draw += 1) {
      const front = salt(draw);
      const own = tokens - tokenizer.encode(front).length;
      // Where a text is cut or put together it may be split in another way.
      for (const between of front === '' ? [''] : [' ', ''])
        for (const taken of [...range(own, own + PROBES), ...range(own - PROBES, own - 1).reverse()]) {
          if (taken < 1 || taken > ids.length) continue;
          const text = joined(front, between, tokenizer.decode(ids.slice(0, taken)));
          if (tokenizer.encode(text).length === tokens) return text;
        }
      if (front === '') break;
    }
    throw new InputProblem(texts.inexact(tokens), place);
  };
}

const DRAWS = 8;
const PROBES = 8;

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);

const joined = (front: string, between: string, text: string): string =>
  front + (/^\s/.test(text) ? '' : between) + text;
