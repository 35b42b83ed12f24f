import fc from 'fast-check';
import { StringDecoder } from 'node:string_decoder';
import { expect, onTestFinished, test, vi } from 'vitest';
import { answerReader, TRUNCATED } from '../../../../workers/endpoint/src/answer.ts';
import type { Answer } from '../../../../workers/endpoint/src/answer.ts';
import { readChunk } from '../../../../workers/endpoint/src/chunk.ts';
import { receiveStream } from '../../../../workers/endpoint/src/receive-stream.ts';
import { shapeOf } from '../../../../workers/endpoint/src/shape.ts';
import { eventReader } from '../../../../workers/endpoint/src/sse.ts';

interface Told {
  text?: string;
  id?: string;
  created?: number;
  prompt?: number;
  count?: number;
}

// As servers write them.
const events = {
  'vLLM, chat': ({ text = ' a', id = 'chatcmpl-1', created = 1_700_000_000, prompt = 9, count = 3 }: Told) =>
    `data: {"id":${JSON.stringify(id)},"object":"chat.completion.chunk","created":${created},"model":"m","choices":[{"index":0,"delta":{"content":${JSON.stringify(text)}},"logprobs":null,"finish_reason":null,"token_ids":null}],"usage":{"prompt_tokens":${prompt},"total_tokens":${prompt + count},"completion_tokens":${count}}}\n\n`,
  'vLLM, completions, without usage': ({ text = ' a', id = 'cmpl-1', created = 1_700_000_000 }: Told) =>
    `data: {"id":${JSON.stringify(id)},"object":"text_completion","created":${created},"model":"m","choices":[{"index":0,"text":${JSON.stringify(text)},"logprobs":null,"finish_reason":null,"stop_reason":null}],"usage":null}\n\n`,
  'vLLM, reasoning': ({ text = ' a', id = 'chatcmpl-1', created = 1_700_000_000 }: Told) =>
    `data: {"id":${JSON.stringify(id)},"created":${created},"model":"m","choices":[{"index":0,"delta":{"reasoning_content":${JSON.stringify(text)}},"finish_reason":null}]}\n\n`,
  'llama-server': ({ text = ' a', id = 'chatcmpl-1', created = 1_700_000_000 }: Told) =>
    `data: {"choices":[{"finish_reason":null,"index":0,"delta":{"content":${JSON.stringify(text)}}}],"created":${created},"id":${JSON.stringify(id)},"model":"m","system_fingerprint":"b1-1","object":"chat.completion.chunk"}\n\n`,
  'blanks after colons, and carriage returns': ({ text = ' a', prompt = 9, count = 3 }: Told) =>
    `data: {"model": "m", "choices": [{"index": 0, "delta": {"content": ${JSON.stringify(text)}}, "finish_reason": null}], "usage": {"prompt_tokens": ${prompt}, "completion_tokens": ${count}, "prompt_tokens_details": {"cached_tokens": 4}}}\r\n\r\n`,
};

const dataOf = (event: string) => event.slice('data: '.length).trimEnd();
const pieces = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(' the', '', '"', '\\', 'é', '🌍'),
);
const told = fc.record(
  { text: pieces, id: fc.string(), created: fc.nat(), prompt: fc.nat(), count: fc.nat() },
  { requiredKeys: [] },
);

test.each(Object.entries(events))('%s: an event of the shape is what parsing it says', (_name, eventOf) => {
  const shape = shapeOf(eventOf({}))!;
  let known = 0;
  fc.assert(
    fc.property(told, fc.boolean(), (values, keepsText) => {
      const event = eventOf(values);
      const bytes = Buffer.from(`front${event}data: {"more`);
      const end = shape.endOf(bytes, 5, bytes.length, keepsText);
      if (end === -1) return;
      known += 1;
      expect(end).toBe(5 + Buffer.byteLength(event));
      const { text, ...rest } = readChunk(dataOf(event));
      expect(shape.found).toEqual({ ...rest, text: keepsText ? text : shape.found.text });
      expect(shape.found.text).not.toBe('');
      // It has to be there whole.
      expect(shape.endOf(bytes, 5, end - 1, keepsText)).toBe(-1);
    }),
  );
  expect(known).toBeGreaterThan(20);
});

const vllm = events['vLLM, chat'];

test.each([
  ['a text that is empty', vllm({ text: '' })],
  ['a text with an escape', vllm({ text: 'a\nb' })],
  ['a finish reason', vllm({}).replace('"finish_reason":null', '"finish_reason":"stop"')],
  ['an error', vllm({}).replace('"usage":{', '"error":{"message":"x"},"usage":{')],
  ['another key', vllm({}).replace('"token_ids":null', '"token_ids":[1]')],
  ['a count that is no whole number', vllm({ count: 3 }).replace('"completion_tokens":3', '"completion_tokens":3.5')],
  ['a count with a zero in front', vllm({ count: 3 }).replace('"completion_tokens":3', '"completion_tokens":03')],
  [
    'a count that no number holds',
    vllm({ count: 3 }).replace('"completion_tokens":3', `"completion_tokens":${'9'.repeat(16)}`),
  ],
  ['no number', vllm({ count: 3 }).replace('"completion_tokens":3', '"completion_tokens":null')],
  ['a line that goes on', vllm({}).replace(/\n\n$/, '\ndata: x\n\n')],
  ['an event with a name', `event: error\n${vllm({})}`],
])('%s is of no such shape', (_what, event) => {
  const bytes = Buffer.from(event);
  expect(shapeOf(vllm({}))!.endOf(bytes, 0, bytes.length, true)).toBe(-1);
});

test.each([
  ['a role alone', vllm({ text: '' }).replace('"content"', '"role":"assistant","content"')],
  ['two texts', vllm({}).replace('"content":" a"', '"reasoning":"b","content":" a"')],
  [
    'a text that the answer is made of only in part',
    vllm({}).replace('"content":" a"', '"content":" a","refusal":"no"'),
  ],
  ['the same key twice', vllm({}).replace('"delta":{', '"delta":{"content":"b",')],
  ['a text elsewhere', vllm({}).replace('"content":" a"', '"refusal":"no"').replace('"token_ids":null', '"text":"no"')],
  ['a count of something else', vllm({}).replace('"usage":{', '"usage":{"inner":{"completion_tokens":1},')],
  ['an event of the responses API', 'data: {"type":"response.output_text.delta","delta":"a","sequence_number":1}\n\n'],
  ['no JSON', 'data: {"choices":[{"text":" a"}\n\n'],
  ['half an event', vllm({}).slice(0, -1)],
  ['[DONE]', 'data: [DONE]\n\n'],
])('%s teaches no shape', (_what, event) => expect(shapeOf(event)).toBeNull());

/** What a stream says when every event of it is parsed. */
function parsed(parts: readonly Buffer[]) {
  const settled: unknown[] = [];
  const reader = answerReader(true);
  const decoder = new StringDecoder('utf8');
  let isOver = false;
  const over = (error: unknown = null) => {
    isOver = true;
    settled.push([error, reader.answer()]);
  };
  const reading = eventReader((event) => {
    if (!isOver && reader.take(event)) over();
  });
  for (const [time_s, part] of parts.entries()) if (!isOver) reading.feed(decoder.write(part), time_s);
  if (!isOver) reading.end();
  if (!isOver) over(reader.hasFinish() ? null : TRUNCATED);
  return settled;
}

function received(parts: readonly Buffer[], keepsText = true) {
  const settled: [unknown, Answer | null][] = [];
  const reading = receiveStream({
    url: new URL('http://a'),
    keepsText,
    settle: (error, answer) => settled.push([error, answer]),
  });
  for (const [time_s, part] of parts.entries()) reading.body(part, 0, part.length, time_s);
  reading.end();
  return settled;
}

const strange = fc.constantFrom(
  'data: [DONE]\n\n',
  ': alive\n\n',
  'data: {"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":4}}\n\n',
  'data: {"choices":[{"index":0,"delta":{},"finish_reason":"length"}]}\n\n',
  'data: {"error":{"message":"broken"}}\n\n',
  'event: ping\n',
  'data: \n',
  '\n',
  '\r',
  '\u00e9',
  '\ufeff',
);
const streams = fc.array(
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.tuple(fc.constantFrom(...Object.values(events)), told).map(([of, values]) => of(values)),
    },
    { weight: 1, arbitrary: strange },
  ),
  { maxLength: 12 },
);

test('a stream says the same whether its events are parsed or known by their shape, wherever it is cut', () => {
  fc.assert(
    fc.property(streams, fc.array(fc.nat({ max: 400 })), fc.boolean(), (written, lengths, isCut) => {
      // Mostly whole events, as servers send them; cut anywhere, in the middle of a character, too.
      const whole = Buffer.from(written.join(''));
      const ends = lengths.map((_, index) => lengths.slice(0, index + 1).reduce((sum, length) => sum + length, 0));
      const parts = isCut
        ? [0, ...ends].map((from, index) => whole.subarray(from, ends[index] ?? whole.length))
        : written.map((event) => Buffer.from(event));
      const full = parts.filter(({ length }) => length > 0);
      expect(received(full)).toEqual(parsed(full));
      const withoutTexts = received(full, false).map(([error, answer]) => [error, { ...answer, chunks: [] }]);
      expect(withoutTexts).toEqual(received(full).map(([error, answer]) => [error, { ...answer, chunks: [] }]));
    }),
    { numRuns: 300 },
  );
});

test('of the events of an answer whose shape is known, from the first one on, none is parsed but those of its end', () => {
  const ends = [
    vllm({ text: '' }).replace('"finish_reason":null', '"finish_reason":"length"'),
    'data: {"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":3}}\n\n',
    'data: [DONE]\n\n',
  ];
  const answer = [...[1, 2, 3].map((count) => vllm({ count })), ...ends].map((event) => Buffer.from(event));
  received(answer);
  const parse = vi.spyOn(JSON, 'parse');
  onTestFinished(() => parse.mockRestore());
  const [[, second] = []] = received(answer);
  expect(second).toMatchObject({
    chunk_times_s: Float64Array.of(0, 1, 2),
    finish_reason: 'length',
    usage_is_running: true,
  });
  expect(parse).toHaveBeenCalledTimes(2);
});

test('where texts are not kept, an answer has none', () => {
  const parts = [1, 2, 3].map((count) => Buffer.from(vllm({ count })));
  const [[, answer] = []] = received(parts, false);
  expect(answer).toMatchObject({
    chunk_times_s: Float64Array.of(0, 1, 2),
    chunks: [],
    first_text_s: 0,
    first_chunk_tokens: 1,
  });
});

const shuffled = (entries: readonly [string, unknown][]) =>
  fc.shuffledSubarray([...entries], { minLength: entries.length }).map((all) => Object.fromEntries(all));
const texts = fc.constantFrom<unknown>(' a', ' b', 'é', '', null, 'a"b', '\n', '\u2028', '{"content":"x"}', ['a'], 7);
/** Pieces of an answer in any order of keys, with what some server may put beside its text. */
const oddities = fc
  .record({
    key: fc.constantFrom('content', 'text', 'reasoning', 'reasoning_content', 'refusal'),
    text: texts,
    beside: fc.constantFrom<[string, unknown][]>(
      [],
      [['content', 'z']],
      [['content', null]],
      [['role', 'assistant']],
      [['tool_calls', [{ index: 0, id: 'call', function: { name: 'f', arguments: '{"a":' } }]]],
      [['inner', { content: 'q', id: 'r', completion_tokens: 5 }]],
    ),
    usage: fc.constantFrom<unknown>(
      undefined,
      null,
      { prompt_tokens: 3, completion_tokens: 1 },
      { completion_tokens: 2, prompt_tokens: 3, total_tokens: 5 },
      { completion_tokens: 2 },
      { prompt_tokens: 3, completion_tokens: -1 },
      { prompt_tokens: 3, completion_tokens: 1.5 },
    ),
    others: fc.constantFrom<unknown[]>([], [], [], [], [], [], [{ index: 1, delta: { content: 'b' } }]),
    index: fc.constantFrom(0, 0, 0, 0, 0, 0, 1),
    id: fc.constantFrom('a', 'b', '', '"'),
  })
  .chain(({ key, text, beside, usage, others, index, id }) =>
    shuffled([[key, text], ...beside.filter(([other]) => other !== key)])
      .chain((said) =>
        shuffled(
          key === 'text'
            ? [['index', index], ...Object.entries(said)]
            : [
                ['index', index],
                ['delta', said],
              ],
        ),
      )
      .chain((choice) =>
        shuffled([
          ['choices', [choice, ...others]],
          ['id', id],
          ['usage', usage],
        ]),
      ),
  )
  .chain((event) => fc.constantFrom(JSON.stringify(event), JSON.stringify(event).replaceAll('":', '": ')))
  .chain((data) => fc.constantFrom(`data: ${data}\n\n`, `data:${data}\r\n\r\n`, `data: ${data}\n\r\n`));

test('odd events say the same, alone in a read or several in one', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(oddities, fc.nat({ max: 2 })), { minLength: 1, maxLength: 6 }),
      fc.nat(),
      (told, cut) => {
        // Each comes several times, so that its shape is known.
        const full = told.flatMap(([event, times]) => Array.from({ length: times + 1 }, () => Buffer.from(event)));
        expect(received(full)).toEqual(parsed(full));
        const whole = Buffer.concat(full);
        const at = cut % whole.length;
        const parts = [full[0]!, whole.subarray(0, at), whole.subarray(at)].filter(({ length }) => length > 0);
        expect(received(parts)).toEqual(parsed(parts));
      },
    ),
    { numRuns: 500 },
  );
});

test('a stream says the same when each of its bytes, or each cut in two, comes alone', () => {
  const whole = Buffer.from(
    [vllm({}), vllm({ text: '🌍', count: 4 }), events['llama-server']({ text: 'é' }), ': alive\r\n\r\n'].join('') +
      'data: {"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":5}}\n\ndata: [DONE]\n\n',
  );
  const bytes = [...whole].map((_, at) => whole.subarray(at, at + 1));
  expect(received(bytes)).toEqual(parsed(bytes));
  for (let at = 1; at < whole.length; at += 1) {
    const parts = [whole.subarray(0, at), whole.subarray(at)];
    expect(received(parts)).toEqual(parsed(parts));
  }
});
