import { promptIds } from '../../kits/node/inference/index.ts';
import type { PromptKey } from './prompts.ts';
import type { Tokenizer } from './tokenizer.ts';
import { COMMON_WORDS, findWords } from './words.ts';

// Caches of prefixes work in blocks of some 16 tokens: whatever differs in the first block makes all others new, too.
export const SALT_TOKENS = 8;

/** Random words, to stand in front of a text that a server may have read before: others for each key. */
export function saltOf(tokenizer: Tokenizer | null, key: PromptKey): string {
  const words = tokenizer === null ? COMMON_WORDS : findWords(tokenizer);
  return promptIds([...words.keys()], SALT_TOKENS, key)
    .map((id) => words[id])
    .join('')
    .trimStart();
}
