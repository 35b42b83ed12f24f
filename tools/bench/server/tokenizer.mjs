import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A folder with a tokenizer for which each byte is a token: the peers make their prompts with it. It has a config.json, which AIPerf asks for. */
export function writeTokenizer(folder) {
  mkdirSync(folder, { recursive: true });
  const write = (name, value) => writeFileSync(join(folder, name), JSON.stringify(value));
  const tokens = [...byteCharacters(), '<end>'];
  const end = tokens.length - 1;
  const bytes = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };
  write('tokenizer.json', {
    version: '1.0',
    added_tokens: [
      { id: end, content: '<end>', single_word: false, lstrip: false, rstrip: false, normalized: false, special: true },
    ],
    pre_tokenizer: bytes,
    decoder: bytes,
    model: { type: 'BPE', vocab: Object.fromEntries(tokens.map((token, id) => [token, id])), merges: [] },
  });
  write('tokenizer_config.json', { tokenizer_class: 'PreTrainedTokenizerFast', eos_token: '<end>' });
  write('config.json', { model_type: 'llama', vocab_size: tokens.length, bos_token_id: end, eos_token_id: end });
}

/** The character that stands for each byte in such vocabularies: itself where it prints, else one from 256 on. */
function byteCharacters() {
  const prints = (byte) => (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(prints(byte) ? byte : next++));
}
