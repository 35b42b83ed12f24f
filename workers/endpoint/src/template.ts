import { bodyOf } from './body.ts';
import type { Client, Workload } from './client.ts';
import type { Message } from '../../kits/node/dataset/index.ts';
import { isTemplated } from './prompts.ts';

/**
 * How many tokens the server's chat template adds to a prompt that is not counted here: what the server counts for one letter, less
 * that one. It is asked after a workload, so that no measured request meets it in a cache.
 *
 * @returns 0 where there is no template, or a tokenizer counts the prompts; null where the server does not tell.
 */
export async function templateTokens(
  { configuration, tokenizer, send }: Pick<Client, 'configuration' | 'tokenizer' | 'send'>,
  { dataset }: Pick<Workload, 'dataset'>,
): Promise<number | null> {
  if (!isTemplated(configuration.api) || tokenizer !== null) return 0;
  const roles: Message['role'][] = dataset?.entries.map(({ messages }) => messages[0]!.role) ?? ['user'];
  let least: number | null = null;
  for (const role of new Set(roles)) {
    const prompt = configuration.api === 'chat' ? { messages: [{ role, content: LETTER }] } : LETTER;
    // What was measured before is complete, even where the server ends now.
    const reply = await send(bodyOf(configuration, prompt, FEW_TOKENS)).catch(() => null);
    const prompt_tokens = reply === null || reply.error !== null ? null : reply.usage?.prompt_tokens;
    if (prompt_tokens == null) return null;
    const added = Math.max(0, prompt_tokens - 1);
    least = Math.min(least ?? added, added);
  }
  return least;
}

/** One token in any vocabulary. */
const LETTER = 'a';
/** Some hosted APIs take no fewer. */
const FEW_TOKENS = 16;
