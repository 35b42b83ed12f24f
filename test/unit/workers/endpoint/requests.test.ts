import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import type { ServedWorkload } from '../../../../plugins/nx-study/src/kinds/llm-inference/schema.ts';
import { median } from '../../../../plugins/nx-study/src/base/quantile.ts';
import type { JsonObject } from '../../../../plugins/nx-study/src/base/json.ts';
import { measureEndpoint } from '../../../helpers/endpoint.ts';
import type { Measured } from '../../../helpers/endpoint.ts';
import { startFakeServer } from '../../../helpers/fake-server.ts';

const quick = {
  model: 'm',
  prompt_tokens: 32,
  new_tokens: 8,
  warmup: { min_iterations: 0, max_iterations: 0, min_s: 0 },
  measure: { requests: 6, min_s: 0, max_s: 60 },
};

const metric = ({ workloads }: Measured, name: string) => workloads[0]!.metrics.find((one) => one.name === name)!;
const codes = ({ workloads }: Measured) => workloads[0]!.findings.map(({ code }) => code);
const requestsIn = ({ payload }: Measured) => (payload!.workloads[0] as ServedWorkload).requests;

/** Measures a behaviour of the server of known timing: first token after 100 ms, a chunk every 50 ms. */
async function measure(behaviour: string, settings: JsonObject = {}): Promise<Measured> {
  const server = await startFakeServer();
  return measureEndpoint({ ...quick, url: server.url(behaviour), ...settings });
}

test('requests without usage have no count; the others keep theirs, and no total is shown', async () => {
  const measured = await measure('usage=most,gap=5');
  expect(measured.failure).toBeNull();
  const requests = requestsIn(measured);
  const counts = requests.map(({ new_tokens }) => new_tokens);
  expect([8, null].map((value) => counts.filter((one) => one === value).length)).toEqual([4, 2]);
  expect(measured.workloads[0]!.facts.find(({ name }) => name === 'token_count')!.value).toBe('server-usage 4, none 2');
  expect(codes(measured)).toContain('tokens-uncounted');
  expect(metric(measured, 'output_tok_s_whole').value).toBeNull();
  expect(metric(measured, 'tpot_n').value).toBe(4);
  expect(metric(measured, 'itl_n').value).toBe(4 * 7);
  expect(metric(measured, 'ttft_n').value).toBe(6);
});

test('several tokens in a chunk: TPOT by running usage, or a reason that says what to give', async () => {
  const [running, silent, none] = (await Promise.all(
    ['usage=running,per-chunk=4', 'usage=final,per-chunk=4', 'usage=none,per-chunk=4'].map((one) => measure(one)),
  )) as [Measured, Measured, Measured];
  expect(requestsIn(running)[0]).toMatchObject({ counted_by: 'running-usage', first_chunk_tokens: 4, new_tokens: 8 });
  // A busy machine may read both chunks at once: such an answer has no time per token.
  const gaps_s = requestsIn(running).flatMap(({ chunk_times_s: [first, second] }) =>
    second! - first! > 1e-4 ? [second! - first!] : [],
  );
  expect(metric(running, 'tpot_s').value).toBeCloseTo(median(gaps_s) / 4, 9);
  expect(median(gaps_s)).toBeGreaterThan(0);
  expect(metric(running, 'itl_s').value).toBeNull();
  expect(requestsIn(silent)[0]).toMatchObject({ counted_by: 'server-usage', first_chunk_tokens: null, new_tokens: 8 });
  expect(metric(silent, 'tpot_s').value).toBeNull();
  expect(metric(silent, 'tpot_s').reason).toContain('give `tokenizer`');
  expect(requestsIn(none).every(({ new_tokens }) => new_tokens === null)).toBe(true);
  expect(metric(none, 'ntpot_s').reason).toContain('give `tokenizer`');
  expect(codes(none)).toContain('tokens-uncounted');
});

test('the end of a request is its last token: neither the rest of the stream nor an open connection counts', async () => {
  const measured = await measure('gap=5,tail=1200,hold=1', { measure: { requests: 3, min_s: 0 } });
  expect(measured.failure).toBeNull();
  // 100 ms and 7 gaps of 5 ms.
  expect(metric(measured, 'e2e_s').value).toBeGreaterThan(0.13);
  expect(metric(measured, 'e2e_s').value).toBeLessThan(1.1);
  expect(codes(measured)).toContain('late-ends');
});

test('a server that is loading at the start is waited for; what it refuses is a failure of the environment', async () => {
  const [late, never, denied, nobody] = await Promise.all([
    measure('status=503,status-first=2,gap=5'),
    measure('status=503', { ready_timeout_s: 0.3 }),
    measure('status=401'),
    measureEndpoint({ ...quick, url: 'http://127.0.0.1:9/v1' }),
  ]);
  expect(late.failure).toBeNull();
  expect(requestsIn(late)).toHaveLength(6);
  expect(never.failure).toMatchObject({ type: 'environment', message: expect.stringContaining('HTTP 503') });
  expect(denied.failure).toMatchObject({ type: 'environment', message: expect.stringContaining('`api_key_env`') });
  expect(nobody.failure).toMatchObject({ type: 'environment', message: expect.stringContaining('ECONNREFUSED') });
});

test('an open loop in which no request would be due is refused before anything is asked', async () => {
  const { failure } = await measureEndpoint({
    ...quick,
    url: 'http://127.0.0.1:9/v1',
    load: { mode: 'open', rate_per_s: 0.001 },
    measure: { requests: 2, min_s: 0, max_s: 1 },
  });
  expect(failure).toMatchObject({ type: 'unsupported' });
  expect(failure!.message).toMatch(/workload 0: with load\.rate_per_s 0\.001 .* due after \d.* measure\.max_s, 1 s/);
});

test('no success is green: an error within a stream, a finish reason that means none, another length', async () => {
  const [error, broken, short] = await Promise.all(
    ['error-after=2', 'finish=error', 'tokens=7,gap=5'].map((one) => measure(one)),
  );
  expect(error!.failure).toMatchObject({ type: 'crash', message: expect.stringContaining('the engine died') });
  expect(broken!.failure).toMatchObject({ type: 'crash', message: expect.stringContaining('finish reason "error"') });
  // Nx-study refuses such a result.
  expect(short!.workloads).toMatchObject([{ metrics: [], facts: [] }]);
  const { requests } = short!.payload!.workloads[0] as ServedWorkload;
  expect(requests.map(({ incomplete }) => incomplete!.type)).toEqual(Array.from({ length: 6 }, () => 'length'));
});

test('answers that end by themselves have lengths, and no other number of tokens is wrong', async () => {
  const measured = await measure('tokens=5,finish=stop,gap=60', { length: 'at-most' });
  expect(measured.failure).toBeNull();
  expect(metric(measured, 'requests_successful').value).toBe(6);
  expect(metric(measured, 'output_tokens').value).toBe(5);
  expect(metric(measured, 'output_max_tokens').value).toBe(5);
  expect(metric(measured, 'tpot_n').value).toBe(6);
});

/** A server in this process. */
async function serve(
  answer: (request: IncomingMessage, body: string, response: ServerResponse) => void,
): Promise<string> {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => (body += String(part)));
    request.on('end', () => answer(request, body, response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const event = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`;

test('the shape of a request: query, names of keys, what is left out; a strict server is measured all the same', async () => {
  const seen: { url: string; body: Record<string, unknown> }[] = [];
  const origin = await serve((request, body, response) => {
    if (request.method === 'GET') return response.writeHead(404).end();
    const told = JSON.parse(body) as Record<string, unknown>;
    seen.push({ url: request.url!, body: told });
    if (JSON.stringify(told).includes('continuous_usage_stats'))
      return response.writeHead(422).end('{"detail":"extra inputs are not permitted"}');
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(
      ['a', 'b'].map((text) => event({ choices: [{ text, finish_reason: null }] })).join('') +
        event({ choices: [{ text: '', finish_reason: 'length' }] }) +
        event({ choices: [], usage: { prompt_tokens: 32, completion_tokens: 2 } }) +
        'data: [DONE]\n\n',
    );
    return null;
  });
  const settings = {
    ...quick,
    new_tokens: 2,
    url: `${origin}/openai?api-version=1`,
    measure: { requests: 2, min_s: 0 },
  };
  const strict = await measureEndpoint(settings);
  expect(strict.failure).toBeNull();
  expect(requestsIn(strict)).toMatchObject([{ counted_by: 'server-usage' }, { counted_by: 'server-usage' }]);
  expect(seen[0]!.url).toBe('/openai/completions?api-version=1');
  expect(seen.map(({ body }) => JSON.stringify(body['stream_options']))).toEqual([
    '{"include_usage":true,"continuous_usage_stats":true}',
    ...Array.from({ length: 3 }, () => '{"include_usage":true}'),
  ]);
  seen.length = 0;
  const body = { rename: { max_tokens: 'max_completion_tokens' }, omit: ['stream_options', 'temperature'] };
  expect((await measureEndpoint({ ...settings, body })).failure).toBeNull();
  for (const one of seen) {
    expect(one.body).toMatchObject({ max_completion_tokens: 2, stream: true });
    for (const key of ['max_tokens', 'stream_options', 'temperature']) expect(one.body).not.toHaveProperty(key);
  }
});

test('a secret reaches the server in any header, and nothing that is written', async () => {
  const origin = await serve((request, body, response) => {
    const key = String(request.headers['api-key']);
    if (request.method === 'GET') return response.writeHead(404).end();
    if (JSON.parse(body).model === 'denied') return response.writeHead(403).end(`not for ${key}`);
    response.writeHead(200, { 'content-type': 'text/event-stream', server: `gateway of ${key}` });
    response.end(
      event({ model: key, choices: [{ text: 'a', finish_reason: 'length' }] }) +
        event({ choices: [], usage: { prompt_tokens: 32, completion_tokens: 1 } }),
    );
    return null;
  });
  const settings = { ...quick, new_tokens: 1, url: origin, header_env: { 'api-key': 'NX_STUDY_TEST_SECRET' } };
  const env = { NX_STUDY_TEST_SECRET: 'sesame-4711' };
  const { payload, failure } = await measureEndpoint(settings, env);
  expect(failure).toBeNull();
  expect(payload!.engine.name).toBe('gateway of …');
  expect(JSON.stringify(payload)).not.toContain('sesame');
  const denied = await measureEndpoint({ ...settings, model: 'denied' }, env);
  expect(denied.failure).toMatchObject({ type: 'environment', message: expect.stringContaining('not for …') });
  const unset = await measureEndpoint(settings);
  expect(unset.failure).toMatchObject({
    type: 'environment',
    message: 'header_env.api-key: the environment variable NX_STUDY_TEST_SECRET is not set',
  });
});
