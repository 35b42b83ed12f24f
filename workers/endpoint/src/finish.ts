/** What a server's finish reason says of the answer. */
export type Meaning = 'success' | 'failure' | 'unknown';

// OpenAI, vLLM, SGLang, llama-server: stop, length, tool_calls, function_call; TGI: eos_token, stop_sequence; Together:
// eos; Mistral: model_length; those of Anthropic, Cohere and Gemini as gateways hand them on.
const SUCCESS = wordsOf(
  'stop length tool_calls tool_call function_call eos eos_token stop_sequence stop_token model_length end_turn ' +
    'max_tokens max_output_tokens tool_use complete completed',
);

// What the server, a filter or somebody else broke off.
const FAILURE = wordsOf(
  'error abort aborted cancel cancelled canceled timeout content_filter safety recitation blocklist prohibited_content ' +
    'sensitive refusal error_toxic error_limit network_error internal_error server_error insufficient_system_resource ' +
    'malformed_function_call failed failure unavailable overloaded preempted oom out_of_memory',
);

// The model ended the answer, not the limit of its length. `completed` may be either: as the status of a response
// llama-server has it at the limit, too.
const OWN_END = wordsOf(
  'stop eos eos_token stop_sequence stop_token end_turn tool_calls tool_call function_call tool_use complete completed',
);

function wordsOf(text: string): Set<string> {
  return new Set(text.split(' '));
}

/** Upper case and hyphens don't matter. */
export function meaningOf(reason: string): Meaning {
  const name = nameOf(reason);
  if (SUCCESS.has(name)) return 'success';
  return FAILURE.has(name) ? 'failure' : 'unknown';
}

/** Whether the answer ended, or may have ended, by itself, before or at the limit of its length. */
export const isOwnEnd = (reason: string): boolean => OWN_END.has(nameOf(reason));

const nameOf = (reason: string): string => reason.trim().toLowerCase().replaceAll('-', '_');
