import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { lookAt } from '../../../../../workers/endpoint/src/watch/look.ts';
import { cacheOf } from '../../../../../workers/endpoint/src/watch/watch.ts';
import type { ServerMetrics } from '../../../../../workers/endpoint/src/watch/watch.ts';
import { speculationProblem } from '../../../../../workers/endpoint/src/watch/speculation.ts';
import { waitFor } from '../../../../helpers/starts.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

async function serve(answers: Record<string, Answer>): Promise<string> {
  const server = createServer((request, response) => {
    const answer = answers[request.url!.split('?')[0]!];
    if (answer) answer(request, response);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const telemetry = { path: null, period_s: 0.01, gpu: null };
const nobody = { headers: { 'x-key': 'secret' }, secrets: ['secret'] };

const look = (origin: string, changes: object = {}) =>
  lookAt(
    { model: 'm', server: null, telemetry: { ...telemetry, ...changes } },
    new URL(`${origin}/v1/completions`),
    nobody,
  );

test('a server is asked before, during and after; a counter that falls is named', async () => {
  let asked = 0;
  const tokens = [5, 10, 20, 3];
  const origin = await serve({
    '/metrics': (_request, response) => {
      const generated = tokens[Math.min(asked, tokens.length - 1)]!;
      asked += 1;
      response.end(
        `vllm:generation_tokens_total ${generated}\nvllm:num_requests_running 2\nvllm:cache_config_info{block_size="16",num_gpu_blocks="9"} 1\n`,
      );
    },
  });
  const { watch, identity } = await look(origin);
  expect(identity.told).toEqual({ 'metrics vllm:cache_config_info.block_size': '16' });
  asked = 0;
  const stop = await watch();
  expect(asked).toBe(1);
  await waitFor('readings', () => asked > 4);
  const metrics = (await stop()).server_metrics as ServerMetrics;
  expect(metrics).toMatchObject({ source: `${origin}/metrics`, engine: 'vllm', period_s: 0.01, failed: 0 });
  expect(metrics.readings).toHaveLength(asked);
  expect(metrics.readings.slice(0, 4)).toMatchObject([
    { values: { generated_tokens: 5, running: 2 }, fallen: [] },
    { values: { generated_tokens: 10 }, fallen: [] },
    { values: { generated_tokens: 20 }, fallen: [] },
    { values: { generated_tokens: 3 }, fallen: ['vllm:generation_tokens_total'] },
  ]);
  const after = asked;
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(asked).toBe(after);
});

test('a server that closes its connections at their next use loses no reading', async () => {
  const known = new WeakSet<object>();
  let closed = 0;
  const origin = await serve({
    '/metrics': ({ socket }, response) => {
      if (known.has(socket)) {
        closed += 1;
        socket.destroy();
        return;
      }
      known.add(socket);
      response.end('vllm:generation_tokens_total 5\n');
    },
  });
  const stop = await (await look(origin)).watch();
  await waitFor('closed connections', () => closed > 4);
  const metrics = (await stop()).server_metrics as ServerMetrics;
  expect(metrics.failed).toBe(0);
  expect(metrics.readings.length).toBeGreaterThan(4);
});

test('answers that fail are counted; without any there is a reason', async () => {
  let asked = 0;
  const origin = await serve({
    '/metrics': (_request, response) => {
      asked += 1;
      if (asked === 3) response.writeHead(503).end();
      else response.end('vllm:num_requests_running 2\n');
    },
  });
  const { watch } = await look(origin);
  const stop = await watch();
  await waitFor('readings', () => asked > 3);
  const metrics = (await stop()).server_metrics as ServerMetrics;
  expect(metrics.failed).toBe(1);
  expect(metrics.readings).toHaveLength(asked - 2);

  const nothing = await look(await serve({}));
  expect((await (await nothing.watch())()).server_metrics).toEqual({
    reason: expect.stringMatching(/tells nothing of its state at http.*\/metrics: it answered with HTTP 404$/),
  });
  const other = await look(await serve({ '/metrics': (_request, response) => response.end('tgi_queue_size 1\n') }));
  expect((await (await other.watch())()).server_metrics).toEqual({
    reason: expect.stringContaining('in the words of an engine that is known'),
  });
});

test('the page of TensorRT-LLM is found first; headers go to the server alone, and no further', async () => {
  const seen: [string, unknown][] = [];
  const note =
    (text: string): Answer =>
    (request, response) => {
      seen.push([request.url!, request.headers['x-key']]);
      response.end(text);
    };
  const origin = await serve({
    '/prometheus/metrics': note('trtllm_num_requests_running 1\n'),
    '/metrics': note('[]'),
  });
  const { watch } = await look(origin);
  expect((await (await watch())()).server_metrics).toMatchObject({ engine: 'tensorrt-llm' });
  expect(new Set(seen.map(([path]) => path))).toEqual(new Set(['/prometheus/metrics']));
  expect(seen[0]![1]).toBe('secret');
  seen.length = 0;
  const elsewhere = await look(await serve({}), { path: `${origin}/prometheus/metrics?key=x` });
  expect((await (await elsewhere.watch())()).server_metrics).toMatchObject({ source: `${origin}/prometheus/metrics` });
  expect(seen[0]).toEqual(['/prometheus/metrics?key=x', undefined]);
});

const metricsOf = (values: ServerMetrics['readings'][number]['values'][], names = {}): ServerMetrics => ({
  source: 'x',
  engine: 'vllm',
  period_s: 1,
  stale_s: 1,
  digits: null,
  names,
  failed: 0,
  readings: values.map((one, at_s) => ({ at_s, took_s: 0, values: one, fallen: [] })),
});

test('hits of the prefix cache are those between the first and the last reading', () => {
  const at = (prefix_hits: number, prefix_queries: number) => ({ prefix_hits, prefix_queries });
  const names = { prefix_hits: 'hits' };
  expect(cacheOf(metricsOf([at(5, 10), at(7, 30)], names))).toEqual({ source: 'hits', hit_tokens: 2, read_tokens: 20 });
  expect(cacheOf(metricsOf([at(5, 10), {}], names))).toBeNull();
  expect(cacheOf({ reason: 'none' })).toBeNull();
  const anew = metricsOf([at(5, 10), at(7, 30)], names);
  anew.readings[1]!.fallen.push('hits');
  expect(cacheOf(anew)).toBeNull();
});

test('drafts are told with what was accepted of them; a server without any says nothing', () => {
  const at = (drafts: number, draft_tokens: number, accepted_tokens: number) => ({
    drafts,
    draft_tokens,
    accepted_tokens,
  });
  expect(speculationProblem(metricsOf([at(1, 4, 2), at(11, 44, 5)]))).toContain('it accepted 3 of 40 drafted tokens');
  expect(speculationProblem(metricsOf([at(1, 4, 2), at(1, 4, 2)]))).toBeNull();
  expect(speculationProblem(metricsOf([{}, { accept_length: 2.5 }]))).toContain('the prompts are random');
  expect(speculationProblem(metricsOf([{}, {}]))).toBeNull();
});
