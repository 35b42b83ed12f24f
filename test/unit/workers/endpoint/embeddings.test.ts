import { expect, onTestFinished, test } from 'vitest';
import type { ServedWorkload } from '../../../../plugins/nx-study/src/kinds/llm-inference/schema.ts';
import { configChecker } from '../../../../plugins/nx-study/src/worker/config.ts';
import type { JsonObject } from '../../../../plugins/nx-study/src/base/json.ts';
import { readWorkers } from '../../../../plugins/nx-study/src/worker/read.ts';
import { modelsPathOf, rootOf } from '../../../../workers/endpoint/src/ask.ts';
import { addressOf } from '../../../../workers/endpoint/src/body.ts';
import { readEmbeddings } from '../../../../workers/endpoint/src/embeddings.ts';
import { openPool } from '../../../../workers/endpoint/src/http/pool.ts';
import { receive } from '../../../../workers/endpoint/src/receive.ts';
import { streamRequest } from '../../../../workers/endpoint/src/stream.ts';
import { measureEndpoint } from '../../../helpers/endpoint.ts';
import { startFakeServer } from '../../../helpers/fake-server.ts';

const quick = {
  model: 'm',
  api: 'embeddings',
  warmup: { min_iterations: 0, max_iterations: 0, min_s: 0 },
  measure: { requests: 6, min_s: 0, max_s: 60 },
};

test('its address, and what stands beside it', () => {
  const url = addressOf('http://a:1/x/v1?k=1', 'embeddings');
  expect(url.href).toBe('http://a:1/x/v1/embeddings?k=1');
  expect(modelsPathOf(url)).toBe('/x/v1/models');
  expect(rootOf(url).href).toBe('http://a:1/x/');
});

test('vectors are counted, with their dimension; what is no vector has none', () => {
  const vector = (embedding: unknown) => ({ object: 'embedding', embedding, index: 0 });
  const read = (data: unknown, more: object = {}) => readEmbeddings(JSON.stringify({ data, ...more }));
  const usage = { prompt_tokens: 7, total_tokens: 7 };
  expect(read([vector([1, 2.5]), vector([0, -3e-9])], { usage, model: 'bge' })).toMatchObject({
    embeddings: { count: 2, dimension: 2 },
    usage: { prompt_tokens: 7, completion_tokens: null, cached_tokens: null },
    model: 'bge',
    chunk_times_s: new Float64Array(),
    error: null,
  });
  const others = [[vector([1, 2]), vector([1])], [vector([1, null])], [vector('AACAPw==')], [vector([])], [null]];
  expect(others.map((data) => read(data).embeddings?.dimension)).toEqual([null, null, null, null, null]);
  expect(read([])).toMatchObject({ embeddings: { count: 0, dimension: null }, usage: null });
  expect(readEmbeddings('{"error":{"message":"too long"}}').error).toMatchObject({
    type: 'server',
    message: 'too long',
  });
  expect(readEmbeddings('<html>').error).toMatchObject({ type: 'protocol' });
  expect(readEmbeddings('{"embedding":[1]}').error).toMatchObject({ type: 'protocol' });
});

test('a response ends with its last byte; one that breaks off is an error', async () => {
  const server = await startFakeServer();
  const ask = async (behaviour: string) => {
    const url = addressOf(server.url(behaviour), 'embeddings');
    const pool = openPool(url);
    onTestFinished(() => pool.destroy());
    const body = JSON.stringify({ model: 'm', input: ['one two', 'three'] });
    return streamRequest({ url, headers: {}, pool, timeout_s: 20, keepsText: false, answers: 'embeddings' }, body);
  };
  const reply = await ask('first=30');
  expect(reply).toMatchObject({ embeddings: { count: 2, dimension: 8 }, usage: { prompt_tokens: 3 }, error: null });
  expect(reply.end_s).toBe(reply.done_s);
  const [seen] = await server.log('first=30');
  expect(reply.end_s!).toBeGreaterThan(seen!.ended_s! - seen!.received_s);
  expect(await ask('status=400')).toMatchObject({
    embeddings: null,
    end_s: null,
    error: { type: 'http-status', status: 400 },
  });
});

test('a body is kept whole, though all reads come in the same memory', () => {
  const settled: unknown[] = [];
  const head = { status: 200, headers: { 'content-type': 'application/json' } };
  const url = new URL('http://a/v1/embeddings');
  const to = { url, keepsText: false, answers: 'embeddings' as const };
  const reading = receive(head, { ...to, settle: (error, answer) => settled.push([error, answer]) });
  const shared = Buffer.alloc(16);
  for (const part of ['{"data":[{"emb', 'edding":[1,2]}]}']) reading.body(shared, 0, shared.write(part), 0);
  reading.end();
  expect(settled).toEqual([[null, expect.objectContaining({ embeddings: { count: 1, dimension: 2 } })]]);
});

test('settings of answers are refused before anything starts', async () => {
  const check = configChecker((await readWorkers(process.cwd())).get('endpoint')!);
  const problemsOf = (more: JsonObject) =>
    check({ url: 'http://a/v1', model: 'm', api: 'embeddings', ...more }).problems.map(({ path }) => path.join('.'));
  expect(problemsOf({ inputs_per_request: 8, prompt_tokens: 32, turns: null, prefix: null })).toEqual([]);
  const refused: [JsonObject, string][] = [
    [{ new_tokens: 64 }, 'new_tokens'],
    [{ length: 'exact' }, 'length'],
    [{ ignore_eos: false }, 'ignore_eos'],
    [{ body: { omit: ['temperature'] } }, 'body'],
    [{ turns: { count: 2 } }, 'turns'],
    [{ prefix: { tokens: 2 } }, 'prefix'],
    [{ load: { mode: 'replay', file: 'day.jsonl' } }, 'load.mode'],
    [{ dataset: { file: 'a.jsonl', form: 'prompt', answers: 'recorded' } }, 'dataset.answers'],
    [{ workloads: [{ new_tokens: 1 }] }, 'workloads.0.new_tokens'],
    [{ extra_body: { stream: true } }, 'extra_body'],
    [{ extra_body: { encoding_format: 'base64' } }, 'extra_body'],
    [{ api: 'chat', inputs_per_request: 2 }, 'inputs_per_request'],
  ];
  for (const [settings, path] of refused) expect(problemsOf(settings)).toEqual([path]);
  const [problem] = check({ url: 'http://a/v1', model: 'm', api: 'embeddings', new_tokens: 64 }).problems;
  expect(problem).toMatchObject({
    message: "`new_tokens` can't be 64 here",
    hint: 'With `api: embeddings` a server generates no answer: leave it out.',
  });
});

test.each([1, 2])(
  'a whole measurement, %i threads: texts by the batch, rates by the usage, nothing of answers',
  async (client_threads) => {
    const server = await startFakeServer();
    const behaviour = 'first=20';
    const { payload, workloads, warnings, failure } = await measureEndpoint({
      ...quick,
      url: server.url(behaviour),
      client_threads,
      inputs_per_request: 3,
      prompt_tokens: { uniform: [4, 12] },
      load: { mode: 'closed', concurrency: 2 },
    });
    expect(failure).toBeNull();
    expect(warnings.filter(({ code }) => !['client-saturated', 'client-delayed'].includes(code))).toEqual([]);
    expect(payload).toMatchObject({
      engine: { through: expect.stringMatching(/^HTTP, embeddings API; Node/) },
      settings: { asked: { api: 'embeddings', inputs_per_request: 3 } },
      reasons: { 'workloads.0.new_tokens': 'a request for embeddings generates nothing' },
    });
    const seen = await server.log(behaviour);
    for (const { body, prompt } of seen) {
      expect(body).toEqual({ model: 'm', encoding_format: 'float' });
      expect(prompt.length).toBeGreaterThanOrEqual(12);
    }
    // Each text is new.
    expect(new Set(seen.map(({ prompt }) => prompt.slice(0, 4).join(' '))).size).toBe(seen.length);
    const [measured] = payload!.workloads as ServedWorkload[];
    expect(measured).toMatchObject({ new_tokens: null, embeddings: { inputs: 3 }, token_count: {} });
    expect(new Set(measured!.requests.map(({ prompt_tokens }) => prompt_tokens)).size).toBeGreaterThan(1);
    for (const request of measured!.requests) {
      expect(request).toMatchObject({
        embeddings: { count: 3, dimension: 8 },
        chunk_times_s: [],
        new_tokens: null,
        counted_by: null,
        incomplete: null,
        error: null,
      });
      expect(request.usage!.prompt_tokens).toBe(request.prompt_tokens);
      expect(request).not.toHaveProperty('asked_tokens');
    }
    const [part] = workloads;
    expect(part!.name).toBe('closed 2: 3×uniform(4, 12) embedded');
    const valueOf = (name: string) => part!.metrics.find((metric) => metric.name === name)!;
    expect(valueOf('inputs_per_s').value).toBeCloseTo(3 * valueOf('requests_per_s').value!, 6);
    const usual = valueOf('e2e_s').value!;
    expect(usual).toBeGreaterThan(0.019);
    for (const name of ['output_tok_s', 'total_tok_s', 'ttft_s', 'tpot_s', 'itl_s', 'ntpot_s', 'chunk_gap_s'])
      expect(valueOf(name)).toMatchObject({
        value: null,
        main: false,
        reason: 'embeddings were asked for, so nothing was generated',
      });
    expect(part!.facts).toContainEqual(expect.objectContaining({ name: 'embedding_dimension', value: 8 }));
    expect(part!.findings.map(({ code }) => code)).not.toContain('tokens-uncounted');
  },
  60_000,
);

test('responses with fewer or unequal vectors are incomplete', async () => {
  const server = await startFakeServer();
  const [fewer, ragged] = await Promise.all(
    ['first=5,vectors=1', 'first=5,ragged=1'].map((behaviour) =>
      measureEndpoint({ ...quick, url: server.url(behaviour), inputs_per_request: 2, prompt_tokens: 8 }),
    ),
  );
  const firstOf = (measured: typeof fewer) => (measured!.payload!.workloads as ServedWorkload[])[0]!.requests[0]!;
  expect(firstOf(fewer).incomplete).toEqual({
    type: 'embeddings',
    message: '2 embeddings were asked for, but 1 came',
  });
  expect(firstOf(ragged).incomplete?.message).toBe('the 2 embeddings are not all vectors of numbers of one length');
}, 60_000);
