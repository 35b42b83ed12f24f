import { expect, test } from 'vitest';
import { Unsupported } from '../../../../workers/kits/node/index.ts';
import { chatTextOf } from '../../../../workers/llama-cpp/src/chat.ts';

test('a model without a chat template writes no conversations', () => {
  const tokens = { bosString: null, eosString: null };
  for (const metadata of [{ general: {} }, { general: {}, tokenizer: {} }]) {
    const write = () => chatTextOf({ fileInfo: { metadata }, tokens }, [{ role: 'user', content: 'a' }], '/none');
    expect(write).toThrow('take a model with one, or set `form: prompt`');
    expect(write).toThrow(Unsupported);
  }
});
