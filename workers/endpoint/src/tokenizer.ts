import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers';
import { Unsupported } from '../../kits/node/index.ts';
import { packageOf } from './packages.ts';

/** A pinned tokenizer.json; special tokens are never added. */
export interface Tokenizer {
  encode(text: string): number[];
  decode(ids: number[]): string;
  /** Ids in its vocabulary. */
  size: number;
}

/** Throws Unsupported for a file that can't be used. */
export function openTokenizer(setting: string | { asset: string }): Tokenizer {
  const path = typeof setting === 'string' ? setting : fileIn(setting.asset);
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

const fileIn = (asset: string): string => (statSync(asset).isDirectory() ? join(asset, 'tokenizer.json') : asset);
