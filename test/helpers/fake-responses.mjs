// The events of OpenAI's responses API for one answer with a single message: names, order and fields as there.

/** `twice`: each event is sent twice. */
export function responseForm(twice) {
  let number = 0;
  let said = '';
  const event = (type, fields) => {
    const text = `event: ${type}\ndata: ${JSON.stringify({ type, ...fields, sequence_number: number++ })}\n\n`;
    return twice ? text + text : text;
  };
  const response = (status, more) => ({
    response: { id: 'resp_1', object: 'response', model: 'm', status, error: null, incomplete_details: null, ...more },
  });
  const at = { item_id: 'msg_1', output_index: 0 };
  const part = () => ({ content_index: 0, part: { type: 'output_text', text: said, annotations: [] } });
  const item = (status) => ({
    output_index: 0,
    item: { id: 'msg_1', type: 'message', role: 'assistant', status, content: said === '' ? [] : [part().part] },
  });
  return {
    begin: () =>
      event('response.created', response('in_progress', { output: [], usage: null })) +
      event('response.in_progress', response('in_progress', { output: [], usage: null })),
    piece(delta) {
      const opening =
        said === ''
          ? event('response.output_item.added', item('in_progress')) +
            event('response.content_part.added', { ...at, ...part() })
          : '';
      said += delta;
      return opening + event('response.output_text.delta', { ...at, content_index: 0, delta, logprobs: [] });
    },
    end(reason, counts) {
      if (reason === 'none') return '';
      const done =
        event('response.output_text.done', { ...at, content_index: 0, text: said, logprobs: [] }) +
        event('response.content_part.done', { ...at, ...part() }) +
        event('response.output_item.done', item('completed'));
      const usage = counts && {
        input_tokens: counts.prompt_tokens,
        input_tokens_details: counts.prompt_tokens_details ?? null,
        output_tokens: counts.completion_tokens,
        output_tokens_details: { reasoning_tokens: 0 },
        total_tokens: counts.total_tokens,
      };
      const whole = { output: [item('completed').item], usage };
      if (reason === 'failed') {
        const error = { code: 'server_error', message: 'out of blocks' };
        return event('response.failed', response('failed', { error, output: [], usage: null }));
      }
      if (reason === 'stop') return done + event('response.completed', response('completed', whole));
      const incomplete_details = { reason: reason === 'length' ? 'max_output_tokens' : reason };
      return done + event('response.incomplete', response('incomplete', { ...whole, incomplete_details }));
    },
    error: (message) => event('error', { code: 'server_error', message, param: null }),
  };
}
