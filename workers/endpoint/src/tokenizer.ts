import { readFileSync } from 'node:fs';
import type { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers';
import { Unsupported } from '../../kits/node/index.ts';
import { packageOf } from './packages.ts';

/** A pinned tokenizer.json; special tokens are never added. */
export interface Tokenizer {
  encode(text: string): number[];
  decode(ids: number[]): string;
  /** Every token's text as a decoder would give it, by id. */
  size: number;
}

export function openTokenizer(path: string): Tokenizer {
  const { Tokenizer } = packageOf('@huggingface/tokenizers') as { Tokenizer: typeof HuggingFaceTokenizer };
  let tokenizer: HuggingFaceTokenizer;
  try {
    tokenizer = new Tokenizer(JSON.parse(readFileSync(path, 'utf8')) as object, {});
  } catch (cause) {
    throw new Unsupported(`tokenizer: ${path} is no tokenizer.json that can be used here: ${String(cause)}`, { cause });
  }
  return {
    encode: (text) => tokenizer.encode(text, { add_special_tokens: false }).ids,
    decode: (ids) => tokenizer.decode(ids, { skip_special_tokens: true }),
    size: tokenizer.get_vocab(true).size,
  };
}
