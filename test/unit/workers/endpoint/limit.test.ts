import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { FailedRequests } from '../../../../workers/endpoint/src/failed.ts';
import { refuseLongerThan } from '../../../../workers/endpoint/src/limit.ts';
import type { JsonObject } from '../../../../plugins/nx-study/src/base/json.ts';
import type { Workload } from '../../../../workers/endpoint/src/client.ts';
import { measureEndpoint } from '../../../helpers/endpoint.ts';

const TOO_LONG = 'request (5000 tokens) exceeds the available context size (1024 tokens), try increasing it';

/** As llama-server: while it loads, so many prompts and all looks are answered with 503; then it refuses the prompt. */
async function serverOf(n_ctx: number | null, loading: number, settings: JsonObject = {}) {
  let prompts = 0;
  const server = createServer((request, response) => {
    const isPrompt = request.method === 'POST';
    request.resume();
    if (isPrompt) prompts += 1;
    const answer = (status: number, body: object) => response.writeHead(status).end(JSON.stringify(body));
    if (prompts < loading || (isPrompt && prompts === loading))
      return answer(503, { error: { message: 'Loading model' } });
    if (isPrompt) return answer(400, { error: { message: TOO_LONG, type: 'exceed_context_size_error' } });
    return request.url === '/props' && n_ctx !== null
      ? answer(200, { default_generation_settings: { n_ctx } })
      : answer(404, {});
  }).listen(0, '127.0.0.1');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, 'listening');
  const measure = () =>
    measureEndpoint({
      model: 'm',
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
      prompt_tokens: 5000,
      new_tokens: 8,
      measure: { requests: 1, min_s: 0 },
      ...settings,
    });
  return { measure, prompts: () => prompts };
}

const REFUSED = {
  type: 'environment',
  message:
    'workload 0: prompt and answer may have 5008 tokens together, and the server takes 1024 (its n_ctx): ' +
    'lower the longest `prompt_tokens` and `new_tokens`, or start the server with more',
};

test('a prompt that is longer than the server takes is never sent', async () => {
  const { measure, prompts } = await serverOf(1024, 0);
  expect((await measure()).failure).toEqual(REFUSED);
  expect(prompts()).toBe(0);
});

test('a server that still loads tells later what it takes', async () => {
  const { measure, prompts } = await serverOf(1024, 1);
  expect((await measure()).failure).toEqual(REFUSED);
  expect(prompts()).toBeGreaterThan(1);
});

test('a server that the worker started is as the study says, so another try would end alike', () => {
  const longest = { index: 0, longest_tokens: 5008, new_tokens: 8 } as Workload;
  const refused = (isOwn: boolean) => () => refuseLongerThan({ 'props n_ctx': 1024 }, longest, isOwn);
  expect(refused(true)).toThrow(expect.objectContaining({ type: 'unsupported', message: REFUSED.message }));
  expect(refused(false)).toThrow(expect.objectContaining(REFUSED));
});

test('of a server that is not the expected one, that is said, not what it takes', async () => {
  const { measure } = await serverOf(1024, 0, { server: { expect: { version: 'b9000' } } });
  expect((await measure()).failure).toEqual({
    type: 'environment',
    message: expect.stringMatching(/^the server is not the expected one.*server\.expect\.version is "b9000"/),
  });
});

test('where the server tells no limit, its own refusal leads to the lengths', async () => {
  const { measure } = await serverOf(null, 0);
  const { failure } = await measure();
  expect(failure!.message).toMatch(/available context size.* — lower the longest `prompt_tokens` and/);
});

// As vLLM 0.28, SGLang, TensorRT-LLM and OpenAI write it.
test.each([
  "This model's maximum context length is 8192 tokens. However, you requested 9000 tokens in the messages",
  'The decoder prompt (length 9000) is longer than the maximum model length of 8192. Make sure that `max_model_len`',
  "The input (9000 tokens) is longer than the model's context length (8192 tokens).",
  'The sum of prompt length (9000) and max_tokens (8) should not exceed max_seq_len (8192)',
  'prompt is too long: 9000 tokens > 8192 maximum',
])('%s', (message) => {
  const of = (said: string) =>
    new FailedRequests(1, { type: 'http-status', status: 400, message: `HTTP 400: ${said}` }, false).message;
  expect(of(message)).toContain('lower the longest `prompt_tokens`');
  expect(of('ignore_eos: extra inputs are not permitted')).toContain('leave out what the server refuses');
});

test.each([
  [504, 'upstream took too long to respond'],
  [400, 'the header is too long'],
  [503, 'loading: the context size is 8192'],
])('HTTP %i, %s: says nothing of lengths', (status, said) => {
  const first = { type: 'http-status', status, message: `HTTP ${status}: ${said}` } as const;
  expect(new FailedRequests(1, first, false).message).not.toContain('lower the longest');
});
