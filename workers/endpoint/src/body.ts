import { validateHeaderName, validateHeaderValue } from 'node:http';
import { Unavailable, Unsupported } from '../../kits/node/index.ts';
import type { Configuration } from './config.ts';
import type { Prompt } from './prompts.ts';
import { bodyTexts as texts } from './texts.ts';

/** @throws Unsupported for what the responses API doesn't take. */
export function refuseRenamed({ api, body }: Pick<Configuration, 'api' | 'body'>): void {
  const { max_tokens } = body.rename;
  if (api === 'responses' && max_tokens !== 'max_tokens') throw new Unsupported(texts.renamed(max_tokens));
}

/** The body of a request, as JSON text. `running`: the server is asked to count along, in every chunk. */
export function bodyOf(
  configuration: Configuration,
  prompt: Prompt,
  newTokens: number | null,
  running = false,
): string {
  const { api, model, ignore_eos, length, extra_body } = configuration;
  const { rename, omit } = configuration.body;
  const usual = {
    ...(ignore_eos && length === 'exact' && { ignore_eos: true }),
    ...(!omit.includes('temperature') && { temperature: 0 }),
    ...extra_body,
    stream: true,
  };
  if (api === 'embeddings')
    return JSON.stringify({ model, input: inputsOf(prompt), ...extra_body, encoding_format: 'float' });
  // Its end has the usage, unasked. Nobody asks for a response again, so that no server need keep it.
  if (api === 'responses')
    return JSON.stringify({ model, input: prompt, max_output_tokens: newTokens, store: false, ...usual });
  const asked = api === 'chat' ? { messages: messagesOf(prompt) } : { prompt };
  return JSON.stringify({
    model,
    ...asked,
    [rename.max_tokens]: newTokens,
    ...usual,
    ...(!omit.includes('stream_options') && {
      stream_options: { include_usage: true, ...(running && { continuous_usage_stats: true }) },
    }),
  });
}

const inputsOf = (prompt: Prompt) => (typeof prompt === 'object' && 'inputs' in prompt ? prompt.inputs : [prompt]);

const messagesOf = (prompt: Prompt) =>
  typeof prompt === 'object' && 'messages' in prompt ? prompt.messages : [{ role: 'user', content: prompt }];

const PATHS = {
  completions: 'completions',
  chat: 'chat/completions',
  responses: 'responses',
  embeddings: 'embeddings',
} as const;

/** Where requests go: the base URL's path and query are kept. */
export function addressOf(base: string, api: Configuration['api']): URL {
  const url = new URL(base);
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/${PATHS[api]}`;
  url.hash = '';
  return url;
}

type Named = Pick<Configuration, 'api' | 'headers' | 'header_env' | 'api_key_env'>;

/**
 * Headers of every request; names in lower case.
 *
 * @throws Unavailable where the variable of a secret isn't set, Unsupported for headers that can't be sent.
 */
export function headersOf(configuration: Named): Record<string, string> {
  const headers: Record<string, string> = {};
  const add = (name: string, value: string, origin: string) => {
    const lower = name.toLowerCase();
    if (lower in headers) throw new Unsupported(`${origin}: the header ${lower} is given twice`);
    if (!isHeader(lower, value))
      throw new Unsupported(
        `${origin}: HTTP allows no such header (a line break, for example, or a character beyond Latin-1)`,
      );
    headers[lower] = value;
  };
  for (const [name, value] of Object.entries(configuration.headers)) add(name, value, `headers.${name}`);
  for (const { setting, header, value } of secretHeaders(configuration)) add(header, value, setting);
  const accept = configuration.api === 'embeddings' ? 'application/json' : 'text/event-stream';
  // Without it a gateway may compress what it likes, and holds chunks back for that.
  return { 'accept-encoding': 'identity', ...headers, 'content-type': 'application/json', accept };
}

/** The values that must not be recorded. Throws as `headersOf`. */
export const secretsOf = (configuration: Named): string[] => secretHeaders(configuration).map(({ value }) => value);

function secretHeaders({ api_key_env, header_env }: Named): { setting: string; header: string; value: string }[] {
  const named = Object.entries(header_env).map(([header, variable]) => ({
    setting: `header_env.${header}`,
    header,
    value: valueOf(variable, `header_env.${header}`),
  }));
  if (api_key_env === null) return named;
  const key = valueOf(api_key_env, 'api_key_env');
  return [{ setting: 'api_key_env', header: 'authorization', value: `Bearer ${key}` }, ...named];
}

function valueOf(variable: string, setting: string): string {
  const value = process.env[variable];
  if (!value) throw new Unavailable(`${setting}: the environment variable ${variable} is not set`);
  return value;
}

function isHeader(name: string, value: string): boolean {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    return true;
  } catch {
    return false;
  }
}
