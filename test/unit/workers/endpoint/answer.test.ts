import fc from 'fast-check';
import { expect, test } from 'vitest';
import { answerReader } from '../../../../workers/endpoint/src/answer.ts';
import { meaningOf } from '../../../../workers/endpoint/src/finish.ts';

type Event = object | string | { event: string; data: string };

/** Reads events that come at 0, 1, 2, … s; in front of each a name may stand: `['error', …]`. */
function read(events: (Event | [string, Event])[]) {
  const reader = answerReader(true);
  let isOver = false;
  for (const [time_s, one] of events.entries()) {
    const [name, value] = Array.isArray(one) ? one : ['', one];
    const data = typeof value === 'string' ? value : JSON.stringify(value);
    isOver ||= reader.take({ name, data, time_s, isCut: false });
  }
  return { ...reader.answer(), isOver };
}

const text = (piece: string, tokens?: number, finish_reason: string | null = null) => ({
  choices: [{ index: 0, text: piece, finish_reason }],
  ...(tokens !== undefined && { usage: { prompt_tokens: 9, completion_tokens: tokens } }),
});
const usage = (tokens: number) => ({ choices: [], usage: { prompt_tokens: 9, completion_tokens: tokens } });
const last = text('', undefined, 'length');

test('as many chunks with text as tokens are one each; the usage event afterwards is no chunk', () => {
  expect(read([text('a'), text('b'), last, usage(2), '[DONE]'])).toMatchObject({
    chunk_times_s: Float64Array.of(0, 1),
    first_chunk_tokens: 1,
    usage_is_running: false,
    finish_reason: 'length',
    isOver: true,
    error: null,
  });
});

test('a usage event after the finish is the last that comes, though nobody says [DONE]', () => {
  expect(read([text('a'), last, usage(1)]).isOver).toBe(true);
  expect(read([text('a', 1), text('', 1, 'length')]).isOver).toBe(false);
  expect(read([text('a'), usage(1), last]).isOver).toBe(false);
});

test('chunks with several tokens: only a server that counts along tells how many the first one had', () => {
  const silent = read([text('a b'), text('c d'), last, usage(4)]);
  expect(silent).toMatchObject({
    chunk_times_s: Float64Array.of(0, 1),
    first_chunk_tokens: null,
    usage_is_running: false,
  });
  const running = read([text('a b', 2), text('c d', 4), last, usage(4)]);
  expect(running).toMatchObject({
    chunk_times_s: Float64Array.of(0, 1),
    first_chunk_tokens: 2,
    usage_is_running: true,
  });
});

test('tokens without text: they count where the server counts along, or where each piece is one', () => {
  const role = {
    choices: [{ delta: { role: 'assistant', content: '' } }],
    usage: { prompt_tokens: 9, completion_tokens: 0 },
  };
  const running = read([role, text('', 1), text('a', 2), text('', 3), text('', 4, 'length'), usage(4)]);
  expect(running).toMatchObject({
    chunk_times_s: Float64Array.of(1, 2, 3, 4),
    chunks: ['', 'a', '', ''],
    first_text_s: 2,
    first_chunk_tokens: 1,
    usage_is_running: true,
  });
  const one = read([text('a'), text(''), text('b'), last, usage(3)]);
  expect(one).toMatchObject({ chunk_times_s: Float64Array.of(0, 1, 2), first_chunk_tokens: 1 });
  // Nobody knows what an empty piece is where the numbers don't fit.
  const unknown = read([text('a'), text(''), text('b'), last, usage(7)]);
  expect(unknown).toMatchObject({ chunk_times_s: Float64Array.of(0, 2), first_chunk_tokens: null });
});

test('the token with which a model ends its answer has no text: it comes with the finish reason', () => {
  const stop = text('', undefined, 'stop');
  const ended = read([text('a'), text('b'), stop, usage(3), '[DONE]']);
  expect(ended.own_end_s).toBeNull();
  // Whether it is one of several tokens that came in fewer chunks, others have to tell.
  expect(read([text('a b'), text('c'), stop, usage(5)]).own_end_s).toBe(2);
  expect(read([text('a b'), text('c'), last, usage(5)]).own_end_s).toBeNull();
  expect(ended).toMatchObject({
    chunk_times_s: Float64Array.of(0, 1, 2),
    chunks: ['a', 'b', ''],
    first_chunk_tokens: 1,
  });
  // As from a server that counts along.
  expect(read([text('a', 1), text('b', 2), text('', 3, 'stop'), usage(3)])).toMatchObject({
    chunk_times_s: ended.chunk_times_s,
    chunks: ended.chunks,
  });
  expect(read([text('a b', 2), text('c', 3), stop, usage(4)])).toMatchObject({
    chunk_times_s: ended.chunk_times_s,
    first_chunk_tokens: 2,
    usage_is_running: true,
  });
  // Not counted; at the limit; with text; several more; none but it.
  const chunks = (events: object[]) => [...read(events).chunk_times_s];
  expect(chunks([text('a'), text('b'), stop, usage(2)])).toEqual([0, 1]);
  expect(chunks([text('a'), text('b'), last, usage(3)])).toEqual([0, 1]);
  expect(chunks([text('a'), text('b', undefined, 'stop'), usage(3)])).toEqual([0, 1]);
  expect(chunks([text('a'), text('b'), stop, usage(4)])).toEqual([0, 1]);
  expect(chunks([stop, usage(1)])).toEqual([]);
  expect(chunks([text('a', 1), text('b', 2), stop, usage(2)])).toEqual([0, 1]);
  expect(chunks([text('a', 1), text('b', 2), text('', 3, 'stop'), usage(4)])).toEqual([0, 1, 2]);
});

test('counts that do not count along: repeated, of each chunk alone, behind, or absent in one chunk', () => {
  const isRunning = (counts: (number | undefined)[], total: number) =>
    read([...counts.map((count) => text('x', count)), last, usage(total)]).usage_is_running;
  expect(isRunning([2, 4, 6], 6)).toBe(true);
  expect(isRunning([6, 6, 6], 6)).toBe(false);
  expect(isRunning([2, 2, 2], 6)).toBe(false);
  expect(isRunning([1, 2, 2], 6)).toBe(false);
  expect(isRunning([0, 2, 4], 6)).toBe(false);
  expect(isRunning([2, undefined, 6], 6)).toBe(false);
});

test('counts of chunks alone, and counts that begin anew, are no total', () => {
  const total = (counts: number[], ...after: object[]) =>
    read([...counts.map((count) => text('x', count)), last, ...after]).usage?.completion_tokens ?? null;
  const unusable = [
    [1, 1, 1],
    [2, 2, 2],
    [2, 1, 2, 1],
    [2, 4, 2, 4],
    [1, 2, 3, 1, 2, 3],
    [3, 6, 9, 1],
  ];
  expect(unusable.map((counts) => total(counts))).toEqual(unusable.map(() => null));
  const summed = [
    [1, 1, 1],
    [2, 1, 2, 1, 1],
    [2, 4, 2, 4],
  ];
  expect(summed.map((counts) => total(counts, usage(7)))).toEqual([7, 7, 7]);
  // Text that is cut smaller than tokens, a total in each chunk, one that leaves out the last token.
  expect(total([1, 1, 2, 2, 3, 3])).toBe(3);
  expect(total([6, 6, 6])).toBe(6);
  expect(total([1, 2, 3, 4], usage(3))).toBe(3);
  expect(read([text('x'), text('x'), last, usage(1)]).usage).toMatchObject({ completion_tokens: 1 });
});

test('usage that counts nothing, though there is text, is no count', () => {
  expect(read([text('a'), last, usage(0)]).usage).toBeNull();
  expect(read([text('a'), last, { choices: [], usage: { completion_tokens: 1.5 } }]).usage).toBeNull();
  expect(read([text('a'), last, { choices: [], usage: { completion_tokens: 4 } }]).usage).toEqual({
    prompt_tokens: null,
    completion_tokens: 4,
    cached_tokens: null,
  });
});

test.each([
  ['an object', { error: { message: 'out of blocks', code: 500 } }, 'out of blocks'],
  ['a text', { error: 'out of blocks' }, 'out of blocks'],
  ['beside choices', { choices: [], error: { message: 'out of blocks' } }, 'out of blocks'],
  ['within a choice', { choices: [{ finish_reason: null, error: { message: 'out of blocks' } }] }, 'out of blocks'],
  ['flat', { object: 'error', message: 'out of blocks', type: 'InternalServerError', code: 500 }, 'out of blocks'],
  ['a message and a code', { message: 'out of blocks', code: 500 }, 'out of blocks'],
  ['a code beside no choices', { choices: [], message: 'out of blocks', code: 500 }, 'out of blocks'],
  ['a code as text', { code: '500', msg: 'out of blocks' }, 'out of blocks'],
  ['a status alone', { status: 503 }, '{"status":503}'],
  ['a detail', { detail: 'out of blocks' }, 'out of blocks'],
  ['a list of details', { detail: [{ loc: ['body'], msg: 'x' }] }, '[{"loc":["body"],"msg":"x"}]'],
  ['no success', { success: false, message: 'out of blocks' }, 'out of blocks'],
  ['a named event', ['error', 'out of blocks'], 'out of blocks'],
  ['a named event with an object', ['error', { reason: 'blocks' }], '{"reason":"blocks"}'],
] as [string, Event | [string, Event], string][])(
  'an error after a token, then [DONE]: %s',
  (_what, event, message) => {
    expect(read([text('a'), event, '[DONE]'])).toMatchObject({
      chunks: ['a'],
      error: { type: 'server', message, status: null },
      isOver: true,
    });
  },
);

test('what is no error stays none', () => {
  const kind = [
    { choices: [{ index: 0, text: 'a', finish_reason: null, error: null }], error: null, code: 0, message: '' },
    { choices: [], prompt_filter_results: [{ content: 'ok' }] },
    { type: 'ping' },
    '',
    'ping',
    'PING',
    'keep-alive',
    ['ping', '{}'],
    { code: 200, message: 'success', usage: { prompt_tokens: 9, completion_tokens: 1 } },
    last,
  ] as (Event | [string, Event])[];
  expect(read(kind)).toMatchObject({
    chunks: ['a'],
    usage: { completion_tokens: 1 },
    error: null,
    finish_reason: 'length',
  });
});

test.each(['error', 'abort', 'content_filter', 'Cancelled', 'content-filter', 'insufficient_system_resource'])(
  'the finish reason %s is an error',
  (reason) => {
    expect(read([text('a'), text('', undefined, reason), '[DONE]']).error).toEqual({
      type: 'finish-reason',
      message: `the answer ended with the finish reason "${reason}"`,
      status: null,
    });
  },
);

test('finish reasons that servers use for a normal end', () => {
  for (const reason of ['stop', 'length', 'tool_calls', 'function_call', 'eos', 'eos_token', 'stop_sequence', 'STOP'])
    expect(meaningOf(reason)).toBe('success');
  for (const reason of ['model_length', 'end_turn', 'max_tokens', 'MAX_TOKENS', 'tool_use', 'COMPLETE'])
    expect(meaningOf(reason)).toBe('success');
  expect(meaningOf('whatever')).toBe('unknown');
});

test('an answer has one choice', () => {
  const second = { choices: [{ index: 1, text: 'b', finish_reason: null }] };
  const both = { choices: [text('a').choices[0], second.choices[0]] };
  for (const event of [second, both])
    expect(read([text('a'), event]).error).toMatchObject({
      type: 'protocol',
      message: expect.stringContaining('one choice'),
    });
});

test('calls of tools, reasoning and lists of parts are text', () => {
  const delta = (value: object) => ({ choices: [{ index: 0, delta: value, finish_reason: null }] });
  const found = read([
    delta({ role: 'assistant', content: null, tool_calls: [{ index: 0, function: { name: 'look', arguments: '' } }] }),
    delta({ tool_calls: [{ index: 0, function: { arguments: '{"at":' } }] }),
    delta({ reasoning_content: '', reasoning: 'hm' }),
    delta({ reasoning_content: 'so', reasoning: 'so' }),
    delta({
      content: [
        { type: 'thinking', thinking: [{ type: 'text', text: 'if' }] },
        { type: 'text', text: '!' },
      ],
    }),
    { choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls' }] },
  ]);
  expect(found).toMatchObject({
    chunks: ['look', '{"at":', 'hm', 'so', 'if!'],
    finish_reason: 'tool_calls',
    error: null,
  });
});

test('tokens of a prompt that came from a cache, wherever a server tells them', () => {
  const cached = (own: object, beside: object = {}) =>
    read([text('a'), last, { choices: [], ...beside, usage: { prompt_tokens: 9, completion_tokens: 1, ...own } }])
      .usage!.cached_tokens;
  expect(cached({ prompt_tokens_details: { cached_tokens: 4 } })).toBe(4);
  expect(cached({ prompt_cache_hit_tokens: 5 })).toBe(5);
  expect(cached({ cached_tokens: 6 })).toBe(6);
  expect(cached({}, { timings: { cache_n: 7 } })).toBe(7);
  expect(cached({ prompt_tokens_details: null })).toBeNull();
});

test('whatever JSON a server sends, reading it ends with an answer or an error', () => {
  const choice = fc.record({
    index: fc.jsonValue(),
    text: fc.jsonValue(),
    delta: fc.jsonValue(),
    finish_reason: fc.jsonValue(),
  });
  const chunk = fc.record({
    choices: fc.oneof(fc.jsonValue(), fc.array(choice, { maxLength: 2 })),
    usage: fc.jsonValue(),
  });
  const tools = fc.record({
    delta: fc.record({ tool_calls: fc.jsonValue(), function_call: fc.jsonValue(), content: fc.jsonValue() }),
  });
  const any = fc.oneof(fc.jsonValue(), chunk, fc.record({ choices: fc.tuple(tools) }));
  fc.assert(
    fc.property(fc.array(any, { maxLength: 4 }), (values) => {
      const { chunks, chunk_times_s, error } = read(values.map((value) => JSON.stringify(value)));
      expect(chunks).toHaveLength(chunk_times_s.length);
      expect(error === null || error.message !== '').toBe(true);
    }),
  );
});
