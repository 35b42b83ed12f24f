import { errorIn, isObject, parseJson } from './error.ts';
import { asCount, asText, nothing, protocolError, serverError } from './finding.ts';
import type { Finding, Usage } from './finding.ts';
import { readResponseEvent, RESPONSE } from './response-event.ts';

/** Reads an event of any of the APIs; an answer is asked for with one choice. */
export function readChunk(data: string, name = ''): Finding {
  if (data.charCodeAt(0) !== BRACE && SIGNS_OF_LIFE.test(data.trim())) return nothing(null);
  const chunk = parseJson(data);
  const isError = name !== '' && name.trim().toLowerCase() === 'error';
  if (!isObject(chunk))
    return nothing(isError ? serverError(data) : protocolError(`no JSON object: ${data.slice(0, MOST_OF_AN_ERROR)}`));
  const type = asText(chunk['type']) ?? name;
  if (type.startsWith(RESPONSE) && !isError) return readResponseEvent(type, chunk);
  const error = errorIn(chunk) ?? (isError ? data : null);
  if (error !== null) return nothing(serverError(error));
  const choices = Array.isArray(chunk['choices']) ? (chunk['choices'] as unknown[]) : [];
  const choice = isObject(choices[0]) ? choices[0] : null;
  if (choices.length > 1 || Number(choice?.['index'] ?? 0) !== 0)
    return nothing(protocolError('an answer with more than one choice: only one was asked for'));
  return {
    text: choice === null ? null : textOf(choice),
    isChoice: choice !== null,
    isEnd: false,
    number: null,
    usage: usageOf(chunk),
    finish_reason: asText(choice?.['finish_reason']),
    model: asText(chunk['model']),
    error: null,
  };
}

const BRACE = 0x7b;

// Between events of an answer, so that nobody on the way closes the connection.
const SIGNS_OF_LIFE = /^(|ping|pong|heartbeat|keep-?alive|null)$/i;

const MOST_OF_AN_ERROR = 2000;

/** Reasoning and calls of tools are produced like any other text, under names of their own. */
function textOf(choice: Record<string, unknown>): string | null {
  const delta = isObject(choice['delta']) ? choice['delta'] : null;
  const text = delta === null ? plainText(choice['text']) : both(plainText(choice['text']), deltaText(delta));
  // What opens an answer or ends it is a piece only with text.
  const isFrame = (delta !== null && delta['role'] !== undefined) || typeof choice['finish_reason'] === 'string';
  return text === '' && isFrame ? null : text;
}

function deltaText(delta: Record<string, unknown>): string | null {
  const thought = plainText(delta['reasoning_content'] || delta['reasoning']);
  const said = both(both(thought, plainText(delta['content'])), plainText(delta['refusal']));
  const { function_call, tool_calls } = delta;
  if (!function_call && !tool_calls) return said;
  const calls = [function_call, ...listOf(tool_calls).map((call) => call['function'])];
  return both(said, calls.map((call) => (isObject(call) ? callText(call) : '')).join(''));
}

const both = (a: string | null, b: string | null): string | null => (a === null ? b : a + (b ?? ''));

const callText = ({ name, arguments: written }: Record<string, unknown>): string =>
  [name, written].filter((part) => typeof part === 'string').join('');

/** Text, or a list of parts with text. */
function plainText(value: unknown): string | null {
  if (!Array.isArray(value)) return asText(value);
  return listOf(value)
    .map((part) => asText(part['text']) ?? plainText(part['thinking']) ?? '')
    .join('');
}

const listOf = (value: unknown): Record<string, unknown>[] => (Array.isArray(value) ? value.filter(isObject) : []);

function usageOf(chunk: Record<string, unknown>): Usage | null {
  const { usage, timings } = chunk;
  if (!isObject(usage)) return null;
  const completion_tokens = asCount(usage['completion_tokens']);
  if (completion_tokens === null) return null;
  const details = isObject(usage['prompt_tokens_details']) ? usage['prompt_tokens_details'] : {};
  const cached = [
    details['cached_tokens'],
    usage['cached_tokens'],
    usage['prompt_cache_hit_tokens'],
    isObject(timings) ? timings['cache_n'] : null,
  ];
  return {
    prompt_tokens: asCount(usage['prompt_tokens']),
    completion_tokens,
    cached_tokens: cached.map(asCount).find((count) => count !== null) ?? null,
  };
}
