import { Unsupported } from '../../kits/node/index.ts';
import type { Workload } from './client.ts';
import { limitTexts as texts } from './texts.ts';
import type { Told } from './told.ts';

/** Where servers tell how many tokens a prompt and its answer may have together: vLLM and SGLang; llama-server, for each slot. */
const KEYS = ['models max_model_len', 'props n_ctx'];

/** @throws Unsupported where a request of a workload may be longer than the server says that it takes: it would refuse just those. */
export function refuseLongerThan(told: Told, { index, longest_tokens, new_tokens }: Workload): void {
  for (const key of KEYS) {
    const limit = told[key];
    if (typeof limit === 'number' && longest_tokens !== null && longest_tokens > limit)
      throw new Unsupported(
        texts.tooLong(index, longest_tokens, { key: key.split(' ').at(-1)!, limit, hasAnswer: new_tokens > 0 }),
      );
  }
}
