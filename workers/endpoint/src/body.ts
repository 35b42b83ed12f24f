import { WorkerError } from '../../kits/node/index.ts';
import type { Configuration } from './config.ts';
import type { Prompt } from './prompts.ts';

/** The body of a request, as JSON text. */
export function bodyOf(configuration: Configuration, prompt: Prompt, newTokens: number): string {
  const { api, model, ignore_eos, extra_body } = configuration;
  const asked = api === 'chat' ? { messages: [{ role: 'user', content: prompt }] } : { prompt };
  return JSON.stringify({
    model,
    ...asked,
    max_tokens: newTokens,
    ...(ignore_eos && { ignore_eos: true }),
    temperature: 0,
    ...extra_body,
    stream: true,
    stream_options: { include_usage: true },
  });
}

/** Where requests go: the base URL's path is kept. */
export function addressOf(base: string, api: Configuration['api']): URL {
  return new URL(`${base.replace(/\/+$/, '')}/${api === 'chat' ? 'chat/completions' : 'completions'}`);
}

/** Headers of every request; throws where the key's variable isn't set. */
export function headersOf({ headers, api_key_env: name }: Configuration): Record<string, string> {
  const own = { ...headers, 'content-type': 'application/json', accept: 'text/event-stream' };
  if (name === null) return own;
  const key = process.env[name];
  if (!key) throw new WorkerError(`api_key_env: the environment variable ${name} is not set`);
  return { ...own, authorization: `Bearer ${key}` };
}
