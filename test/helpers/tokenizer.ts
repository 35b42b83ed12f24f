import { readFileSync } from 'node:fs';

/** A tokenizer.json for byte-level BPE, as GPT-2's and many later models' are; digits are tokens of their own. */
export function byteLevelBpe(tokens: string[], merges: string[], special: number[] = []): string {
  return JSON.stringify({
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: special.map((id) => ({
      id,
      content: tokens[id],
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: null,
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Digits', individual_digits: true },
        { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
      ],
    },
    post_processor: null,
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges: merges.map((merge) => merge.split(' ')),
    },
  });
}

/** A tokenizer that knows all bytes, and each of the words with its leading space as one token. */
export function tokenizerOfWords(words: string[]): string {
  const tokens = byteCharacters();
  const merges: string[] = [];
  const known = new Set(tokens);
  for (const word of words) {
    let left = 'Ġ';
    for (const letter of word) {
      merges.push(`${left} ${letter}`);
      left += letter;
      if (!known.has(left)) tokens.push(left);
      known.add(left);
    }
  }
  return byteLevelBpe(tokens, [...new Set(merges)]);
}

/** The character that stands for each byte in such vocabularies: itself where it prints, else one from 256 on. */
function byteCharacters(): string[] {
  let next = 256;
  const prints = (byte: number) => (byte > 32 && byte < 127) || (byte > 160 && byte !== 173);
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(prints(byte) ? byte : next++));
}

/** tokenizer.json of a GGUF file whose vocabulary is byte-level BPE. */
export function tokenizerOfGguf(path: string): string {
  const file = readFileSync(path);
  let at = 24;
  const u32 = () => file.readUInt32LE((at += 4) - 4);
  const u64 = () => Number(file.readBigUInt64LE((at += 8) - 8));
  const text = () => {
    const length = u64();
    return file.toString('utf8', at, (at += length));
  };
  const widths: Record<number, number> = { 0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8 };
  const value = (type: number): unknown => {
    if (type === 8) return text();
    if (type === 5) return file.readInt32LE((at += 4) - 4);
    if (type !== 9) return (at += widths[type]!);
    const items = u32();
    return Array.from({ length: u64() }, () => value(items));
  };
  const pairs = Number(file.readBigUInt64LE(16));
  const found = new Map(Array.from({ length: pairs }, () => [text(), value(u32())] as const));
  const CONTROL = 3;
  const types = found.get('tokenizer.ggml.token_type') as number[];
  return byteLevelBpe(
    found.get('tokenizer.ggml.tokens') as string[],
    found.get('tokenizer.ggml.merges') as string[],
    types.flatMap((type, id) => (type === CONTROL ? [id] : [])),
  );
}
