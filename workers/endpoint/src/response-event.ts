import { errorIn, isObject } from './error.ts';
import { asCount, asText, nothing, serverError } from './finding.ts';
import type { Finding, Usage } from './finding.ts';

/** What the names of its events begin with. */
export const RESPONSE = 'response.';

/**
 * Reads an event of the responses API: pieces are all deltas of text, of reasoning and of calls of tools; what ends an item of the
 * answer repeats its text, and is none. Names as in OpenAI's `openai.types.responses`; llama-server and vLLM send the same.
 */
export function readResponseEvent(type: string, event: Record<string, unknown>): Finding {
  const response = isObject(event['response']) ? event['response'] : {};
  const finish_reason = ENDS.has(type) ? finishOf(type, response) : null;
  const error = errorIn({ error: event['error'] || response['error'] });
  if (error !== null || finish_reason === 'failed')
    return nothing(serverError(error ?? 'the response failed, and the server gives no reason'));
  const text = type.endsWith('.delta') && !SOUND.test(type) ? asText(event['delta']) : null;
  return {
    text,
    isChoice: text !== null,
    isEnd: finish_reason !== null,
    number: asCount(event['sequence_number']),
    usage: finish_reason === null ? null : usageOf(response['usage']),
    finish_reason,
    model: asText(response['model']),
    error: null,
  };
}

const ENDS = new Set([
  'response.completed',
  'response.incomplete',
  'response.failed',
  'response.cancelled',
  'response.error',
]);

// Not text but coded.
const SOUND = /audio\.delta$/;

/** vLLM ends every response with `response.completed`, and says in its status how it ended. */
function finishOf(type: string, { status, incomplete_details: details }: Record<string, unknown>): string {
  const ended = (type === 'response.completed' ? asText(status) : null) ?? type.slice(RESPONSE.length);
  if (ended !== 'incomplete') return ended;
  const reason = isObject(details) ? asText(details['reason']) : null;
  return reason === 'max_output_tokens' ? 'length' : (reason ?? ended);
}

function usageOf(usage: unknown): Usage | null {
  if (!isObject(usage)) return null;
  const completion_tokens = asCount(usage['output_tokens']);
  if (completion_tokens === null) return null;
  const details = isObject(usage['input_tokens_details']) ? usage['input_tokens_details'] : {};
  return {
    prompt_tokens: asCount(usage['input_tokens']),
    completion_tokens,
    cached_tokens: asCount(details['cached_tokens']),
  };
}
