import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers';
import { textOf } from '../../kits/node/dataset/index.ts';
import { InputProblem } from '../../kits/node/index.ts';
import { packageOf } from './packages.ts';
import { tokenizerTexts as texts } from './texts.ts';

/** A pinned tokenizer.json; special tokens are never added. */
export interface Tokenizer {
  encode(text: string): number[];
  decode(ids: number[]): string;
  /** Ids in its vocabulary. */
  size: number;
}

/** @throws InputProblem for a file that can't be used. */
export function openTokenizer(setting: string | { asset: string }): Tokenizer {
  const path = typeof setting === 'string' ? setting : fileIn(setting.asset);
  const { Tokenizer } = packageOf('@huggingface/tokenizers') as { Tokenizer: typeof HuggingFaceTokenizer };
  const json = readJson(path);
  let tokenizer: HuggingFaceTokenizer;
  try {
    tokenizer = new Tokenizer(json, {});
  } catch (cause) {
    throw new InputProblem(texts.unusable(String(cause)), placeOf(path), { cause });
  }
  return {
    encode: (text) => tokenizer.encode(text, { add_special_tokens: false }).ids,
    decode: (ids) => tokenizer.decode(ids, { skip_special_tokens: true }),
    size: tokenizer.get_vocab(true).size,
  };
}

/** What a tokenizer.json has. @throws InputProblem for a file that is no JSON. */
export function readJson(path: string): object {
  const of = placeOf(path);
  const text = textOf(of);
  try {
    return JSON.parse(text) as object;
  } catch (cause) {
    throw new InputProblem(texts.noJson((cause as Error).message), of, { cause });
  }
}

const placeOf = (file: string) => ({ setting: 'tokenizer', file });

const fileIn = (asset: string): string => (statSync(asset).isDirectory() ? join(asset, 'tokenizer.json') : asset);
