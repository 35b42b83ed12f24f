import { Unsupported } from '../../kits/node/index.ts';
import type { Tokenizer } from './tokenizer.ts';

const known = new WeakMap<Tokenizer, string[]>();

/** Words, each with its leading space, that are one token each wherever they stand in a text of such words. */
export function findWords(tokenizer: Tokenizer): string[] {
  const found = known.get(tokenizer) ?? wordsIn(tokenizer);
  known.set(tokenizer, found);
  return found;
}

function wordsIn(tokenizer: Tokenizer): string[] {
  const words: string[] = [];
  for (let id = 0; id < tokenizer.size && words.length < MOST_WORDS; id += 1) {
    const text = tokenizer.decode([id]).trim();
    if (!PLAIN.test(text)) continue;
    const word = ` ${text}`;
    // Between two others a word must add exactly itself.
    if (tokenizer.encode(` the${word} the`).length === tokenizer.encode(' the the').length + 1) words.push(word);
  }
  if (words.length < FEWEST_WORDS)
    throw new Unsupported(`tokenizer: only ${words.length} words of one token were found in its vocabulary`);
  return [...new Set(words)];
}

const PLAIN = /^[A-Za-z]{2,}$/;
const MOST_WORDS = 4096;
const FEWEST_WORDS = 64;

/** One token each in most vocabularies. */
export const COMMON_WORDS: string[] = (
  'the of and to in is that for it was on are as with they at be this from have or by one had not but what all were ' +
  'when we there can an your which their said if do will each about how up out them then she many some so these would ' +
  'other into has more her two like him see time could no make than first been its who now people my made over did ' +
  'down only way find use may water long little very after words called just where most know'
)
  .split(' ')
  .map((word) => ` ${word}`);
