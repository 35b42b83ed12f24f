import { expect, onTestFinished, test } from 'vitest';
import type { ServedWorkload } from '../../../../plugins/nx-study/src/kinds/llm-inference/schema.ts';
import { answerReader } from '../../../../workers/endpoint/src/answer.ts';
import { modelsPathOf, rootOf } from '../../../../workers/endpoint/src/ask.ts';
import { addressOf, bodyOf, refuseRenamed } from '../../../../workers/endpoint/src/body.ts';
import type { Configuration } from '../../../../workers/endpoint/src/config.ts';
import { openPool } from '../../../../workers/endpoint/src/http/pool.ts';
import { promptSource } from '../../../../workers/endpoint/src/prompts.ts';
import { streamRequest } from '../../../../workers/endpoint/src/stream.ts';
import { refuseTurns } from '../../../../workers/endpoint/src/turns/script.ts';
import { measureEndpoint } from '../../../helpers/endpoint.ts';
import { startFakeServer } from '../../../helpers/fake-server.ts';

/** Asks a server of that behaviour for four tokens. */
async function asker() {
  const server = await startFakeServer();
  return async (behaviour: string) => {
    const url = addressOf(server.url(`first=1,gap=1,${behaviour}`), 'responses');
    const pool = openPool(url);
    onTestFinished(() => pool.destroy());
    const body = JSON.stringify({ model: 'm', input: 'one two three', max_output_tokens: 4, stream: true });
    return streamRequest({ url, headers: {}, pool, timeout_s: 20, keepsText: true }, body);
  };
}

function read(events: Record<string, unknown>[], names: string[] = []) {
  const reader = answerReader(true);
  let isOver = false;
  for (const [time_s, event] of events.entries())
    isOver ||= reader.take({ name: names[time_s] ?? '', data: JSON.stringify(event), time_s, isCut: false });
  return { ...reader.answer(), isOver };
}

const delta = (text: unknown, of = 'output_text', more: object = {}) => ({
  type: `response.${of}.delta`,
  delta: text,
  ...more,
});
const usage = { input_tokens: 9, output_tokens: 2, input_tokens_details: { cached_tokens: 4 } };
const end = (response: object, type = 'response.completed') => ({ type, response: { model: 'm', usage, ...response } });

test('each delta is a chunk; what repeats the text at the end is none, and the last event ends the answer', async () => {
  const ask = await asker();
  for (const behaviour of ['cached=1', 'cached=1,hold=1'])
    expect(await ask(behaviour)).toMatchObject({
      chunks: [' the', ' the', ' the', ' the'],
      first_chunk_tokens: 1,
      usage: { prompt_tokens: 3, completion_tokens: 4, cached_tokens: 0 },
      usage_is_running: false,
      finish_reason: 'length',
      model: 'm',
      error: null,
    });
  expect(await ask('finish=stop,tokens=2')).toMatchObject({
    chunks: [' the', ' the'],
    finish_reason: 'completed',
    usage: { completion_tokens: 2, cached_tokens: null },
    error: null,
  });
  expect(await ask('usage=none')).toMatchObject({ usage: null, finish_reason: 'length', error: null });
});

test('responses that fail, are filtered, or are cut keep what came before', async () => {
  const ask = await asker();
  const cases = await Promise.all(
    ['finish=failed', 'error-after=2', 'cut-after=2', 'finish=none', 'finish=content_filter', 'status=400'].map(ask),
  );
  const found = cases.map(({ chunks, end_s, error }) => ({
    chunks: chunks.length,
    end_s,
    type: error?.type,
    message: error?.message,
  }));
  expect(found).toEqual([
    { chunks: 4, end_s: null, type: 'server', message: 'out of blocks' },
    { chunks: 2, end_s: null, type: 'server', message: 'the engine died' },
    { chunks: 2, end_s: null, type: 'connection', message: expect.any(String) },
    { chunks: 4, end_s: null, type: 'truncated', message: 'the stream ended before the answer' },
    {
      chunks: 4,
      end_s: null,
      type: 'finish-reason',
      message: 'the answer ended with the finish reason "content_filter"',
    },
    { chunks: 0, end_s: null, type: 'http-status', message: 'HTTP 400: {"error":{"message":"refused"}}' },
  ]);
});

test('an event that comes twice counts once; the same text from a server that does not count its events is another token', async () => {
  const ask = await asker();
  expect(await ask('twice=1')).toMatchObject({ chunks: [' the', ' the', ' the', ' the'], error: null });
  const all = (number: (index: number) => object) =>
    read([0, 1, 2].map((index) => delta('a', 'output_text', number(index)))).chunks;
  expect(all(() => ({ sequence_number: 0 }))).toEqual(['a', 'a', 'a']);
  expect(all(() => ({}))).toEqual(['a', 'a', 'a']);
  expect(all((index) => ({ sequence_number: index }))).toEqual(['a', 'a', 'a']);
  expect(all((index) => ({ sequence_number: Math.min(index, 1) }))).toEqual(['a', 'a']);
});

test('how a response ended, as OpenAI, vLLM and llama-server say it', () => {
  const cut = { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } };
  const reasonOf = (response: object, type?: string) => read([delta('a'), delta('b'), end(response, type)]);
  expect(reasonOf(cut, 'response.incomplete')).toMatchObject({ finish_reason: 'length', isOver: true });
  // vLLM's last event has this name whatever happened.
  expect(reasonOf(cut).finish_reason).toBe('length');
  expect(reasonOf({ status: 'incomplete', incomplete_details: null }).finish_reason).toBe('incomplete');
  expect(reasonOf({ status: 'cancelled' }).error).toMatchObject({ type: 'finish-reason' });
  expect(reasonOf({ status: 'failed', error: null }).error).toEqual({
    type: 'server',
    message: 'the response failed, and the server gives no reason',
    status: null,
  });
  expect(reasonOf({ status: 'in_progress' }).finish_reason).toBe('in_progress');
  expect(reasonOf({})).toMatchObject({
    finish_reason: 'completed',
    first_chunk_tokens: 1,
    usage: { prompt_tokens: 9, completion_tokens: 2, cached_tokens: 4 },
    error: null,
  });
  expect(reasonOf({ usage: null })).toMatchObject({ usage: null, isOver: true });
});

test('reasoning, refusals and calls of tools are text, sound is none; counts before the end are none', () => {
  const started = {
    type: 'response.created',
    response: { status: 'in_progress', usage: { input_tokens: 0, output_tokens: 0 } },
  };
  const found = read([
    started,
    delta('hm', 'reasoning_text'),
    delta('so', 'reasoning_summary_text'),
    delta('no', 'refusal'),
    delta('{}', 'function_call_arguments'),
    delta('UklGRg==', 'audio'),
    { type: 'response.reasoning_text.done', text: 'hm' },
    { type: 'keepalive' },
    end({ usage: { input_tokens: 9, output_tokens: 4 } }),
  ]);
  expect(found).toMatchObject({
    chunks: ['hm', 'so', 'no', '{}'],
    chunk_times_s: Float64Array.of(1, 2, 3, 4),
    usage: { completion_tokens: 4, cached_tokens: null },
    error: null,
  });
  // The name of an event stands in front of it, too.
  expect(read([{ delta: 'a' }], ['response.output_text.delta']).chunks).toEqual(['a']);
});

const configuration = (changes: Partial<Configuration> = {}) =>
  ({
    api: 'responses',
    model: 'm',
    ignore_eos: true,
    length: 'exact',
    body: { rename: { max_tokens: 'max_tokens' }, omit: [] },
    extra_body: {},
    prompt_form: 'auto',
    prompt_ids: { from: 10, below: 20 },
    prompts: null,
    server: null,
    turns: null,
    prefix: null,
    dataset: null,
    ...changes,
  }) as Configuration;

test('a request limits its output tokens, and has the server keep nothing', () => {
  expect(JSON.parse(bodyOf(configuration(), 'two words', 8, true))).toEqual({
    model: 'm',
    input: 'two words',
    max_output_tokens: 8,
    ignore_eos: true,
    temperature: 0,
    store: false,
    stream: true,
  });
  const free = bodyOf(configuration({ length: 'at-most', extra_body: { store: true } }), 'two words', 8);
  expect(JSON.parse(free)).toMatchObject({ store: true });
  expect(JSON.parse(free)).not.toHaveProperty('ignore_eos');
});

test('its address, and what stands beside it', () => {
  const url = addressOf('http://a:1/x/v1?k=1', 'responses');
  expect(url.href).toBe('http://a:1/x/v1/responses?k=1');
  expect(modelsPathOf(url)).toBe('/x/v1/models');
  expect(rootOf(url).href).toBe('http://a:1/x/');
});

test('what it does not take is refused', () => {
  const renamed = { rename: { max_tokens: 'max_new_tokens' }, omit: [] } as unknown as Configuration['body'];
  expect(() => refuseRenamed(configuration({ body: renamed }))).toThrow('the key is max_output_tokens');
  expect(() => refuseRenamed(configuration({ api: 'chat', body: renamed }))).not.toThrow();
  const turns = { count: 2, think_s: 0, history: 'server' } as const;
  expect(() => refuseTurns(configuration({ turns }), [])).toThrow('needs `api: chat`');
  expect(() => promptSource(configuration({ prompt_form: 'token-ids' }), null, 8, () => {})).toThrow(
    'a chat takes text, no token ids (api: responses)',
  );
});

test('a whole measurement: tokens by the usage, exact lengths, answers that end early are incomplete', async () => {
  const server = await startFakeServer();
  const quick = {
    model: 'm',
    api: 'responses',
    prompt_tokens: 16,
    new_tokens: 6,
    warmup: { min_iterations: 0, max_iterations: 0, min_s: 0 },
    measure: { requests: 4, min_s: 0, max_s: 60 },
  };
  const [exact, early] = await Promise.all(
    ['first=5,gap=5', 'first=5,gap=5,tokens=3,finish=stop'].map((behaviour) =>
      measureEndpoint({ ...quick, url: server.url(behaviour) }),
    ),
  );
  expect(exact!.failure).toBeNull();
  expect(exact!.payload).toMatchObject({
    engine: { name: 'fake', version: '1.0.0' },
    settings: { asked: { api: 'responses' }, effective: { running_usage: false } },
  });
  const [measured] = exact!.payload!.workloads as ServedWorkload[];
  expect(measured!.requests).toHaveLength(4);
  for (const request of measured!.requests)
    expect(request).toMatchObject({
      prompt_tokens: 16,
      new_tokens: 6,
      counted_by: 'server-usage',
      first_chunk_tokens: 1,
      finish_reason: 'length',
      incomplete: null,
      error: null,
    });
  for (const { body } of await server.log('first=5,gap=5'))
    expect(body).toEqual({
      model: 'm',
      max_output_tokens: 6,
      ignore_eos: true,
      temperature: 0,
      store: false,
      stream: true,
    });
  const [short] = early!.payload!.workloads as ServedWorkload[];
  for (const { incomplete } of short!.requests) expect(incomplete).toMatchObject({ type: 'length' });
}, 60_000);
