import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { identify } from '../../../../workers/endpoint/src/identify.ts';
import { changesBetween } from '../../../../workers/endpoint/src/told.ts';

/** A server that answers these paths with JSON, and any other with a page. */
async function serve(answers: Record<string, unknown>): Promise<URL> {
  return listen((request, response) => {
    const answer = answers[request.url!];
    if (answer === undefined) response.writeHead(200, { 'content-type': 'text/html' }).end('<html>');
    else response.end(JSON.stringify(answer));
  });
}

async function listen(answer: RequestListener): Promise<URL> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/chat/completions`);
}

const NO_PAGE = { reason: 'none' };
const nobody = { headers: {}, secrets: [] };

test('the owner of the model names the engine; the version is where each server has it', async () => {
  const models = {
    data: [{ id: 'other' }, { id: 'm', owned_by: 'vllm', created: 1, root: '/m', max_model_len: 4096 }],
  };
  const vllm = await serve({ '/v1/models': models, '/version': { version: '0.32.0' } });
  expect(await identify({ url: vllm, model: 'm', page: NO_PAGE }, nobody)).toEqual({
    name: 'vllm',
    version: '0.32.0',
    told: {
      'models id': 'm',
      'models owned_by': 'vllm',
      'models root': '/m',
      'models max_model_len': 4096,
      'version version': '0.32.0',
    },
  });
  const props = {
    build_info: 'b7',
    total_slots: 4,
    default_generation_settings: { n_ctx: 2048, prompt: 'what somebody else asked', is_processing: true },
    chat_template: 'x'.repeat(5000),
  };
  const llama = await serve({
    '/v1/models': { data: [{ owned_by: 'llamacpp', meta: { n_params: 7 } }] },
    '/props': props,
  });
  expect(await identify({ url: llama, model: 'm', page: NO_PAGE }, nobody)).toEqual({
    name: 'llamacpp',
    version: 'b7',
    told: {
      'models owned_by': 'llamacpp',
      'models meta.n_params': 7,
      'props build_info': 'b7',
      'props total_slots': 4,
      'props n_ctx': 2048,
      'props chat_template': expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
    },
  });
});

test('flags are told by SGLang, TGI and vLLM, weights by Ollama; also behind a path of a gateway', async () => {
  const sglang = await serve({
    '/server_info': { version: '0.5', tp_size: 2, model_path: '/m', random_seed: 77, internal_states: [{ load: 1 }] },
  });
  expect((await identify({ url: sglang, model: 'm', page: NO_PAGE }, nobody)).told).toEqual({
    'server_info version': '0.5',
    'server_info tp_size': 2,
    'server_info model_path': '/m',
  });
  const tgi = await serve({ '/info': { version: '3.0', model_sha: 'abc', max_batch_size: null } });
  expect(await identify({ url: tgi, model: 'm', page: NO_PAGE }, nobody)).toMatchObject({
    version: '3.0',
    told: { 'info model_sha': 'abc' },
  });
  const models = [{ name: 'm:latest', digest: 'd1', modified_at: 'now', details: { quantization_level: 'Q4_0' } }];
  const ollama = await serve({ '/api/version': { version: '0.9' }, '/api/tags': { models } });
  expect(await identify({ url: ollama, model: 'm', page: NO_PAGE }, nobody)).toMatchObject({
    version: '0.9',
    told: { 'api/tags digest': 'd1', 'api/tags details.quantization_level': 'Q4_0' },
  });
  const behind = await serve({
    '/a/v1/models': { data: [{ id: 'm' }] },
    '/a/version': { version: '1' },
    '/version': {},
  });
  behind.pathname = '/a/v1/completions';
  expect((await identify({ url: behind, model: 'm', page: NO_PAGE }, nobody)).told).toEqual({
    'models id': 'm',
    'version version': '1',
  });
});

test('numbers that a result can not hold are told as text', async () => {
  const server = await listen((_request, response) => response.end('{"version":"1","n":1e400,"big":9007199254740993}'));
  server.pathname = '/v1/completions';
  const { told } = await identify({ url: server, model: 'm', page: NO_PAGE }, nobody);
  expect(told).toMatchObject({ 'info n': 'about Infinity', 'info big': 'about 9007199254740992' });
});

test('no secret is in what a server tells', async () => {
  const server = await serve({
    '/server_info': {
      api_key: 'sk-1',
      admin_api_key: 'sk-2',
      hf_token: 'hf_3',
      ssl: { key_password: 'pw4' },
      command: 'serve --api-key sk-5 --port 1',
      config: 'VllmConfig(api_key="sk-6", x=1)',
      model_path: 'https://me:sk-7@hub/m',
      echo: 'you sent Bearer sk-8 and sk-9',
      args: ['--api-key', 'sk-8', 'sk-9'],
      max_total_tokens: 10,
      tokenizer: 'm',
    },
  });
  const headers = { authorization: 'Bearer sk-8', 'x-key': 'sk-9', accept: 'text/event-stream' };
  const { told } = await identify(
    { url: server, model: 'm', page: NO_PAGE },
    { headers, secrets: ['Bearer sk-8', 'sk-9'] },
  );
  expect(JSON.stringify(told)).not.toMatch(/sk-|hf_3|pw4/);
  expect(told).toMatchObject({ 'server_info max_total_tokens': 10, 'server_info tokenizer': 'm' });
});

test('headers do not follow a redirect, and an answer without end is none', async () => {
  const seen: (string | undefined)[] = [];
  const elsewhere = await listen((request, response) => {
    seen.push(request.headers['x-key'] as string);
    response.end('{"version":"9"}');
  });
  const redirecting = await listen((request, response) => {
    if (request.url === '/version') response.writeHead(302, { location: new URL('/version', elsewhere).href }).end();
    else if (request.url !== '/info') response.writeHead(404).end();
    else response.write('"'.repeat(5_000_000));
  });
  expect(
    await identify(
      { url: redirecting, model: 'm', page: NO_PAGE },
      { headers: { 'x-key': 'secret' }, secrets: ['secret'] },
    ),
  ).toEqual({
    name: null,
    version: null,
    told: {},
  });
  expect(seen).toEqual([]);
});

test('a server that tells nothing, or is not there, is unknown', async () => {
  const unknown = { name: null, version: null, told: {} };
  expect(await identify({ url: await serve({}), model: 'm', page: NO_PAGE }, nobody)).toEqual(unknown);
  expect(
    await identify({ url: new URL('http://127.0.0.1:9/v1/completions'), model: 'm', page: NO_PAGE }, nobody),
  ).toEqual(unknown);
});

test('a change is a key that both tell otherwise, or that one no longer has; a source that did not answer tells nothing', () => {
  const one = { 'version version': '1', 'models root': 'a', 'models max_model_len': 1 };
  expect(changesBetween(one, { ...one })).toEqual([]);
  expect(changesBetween(one, { 'version version': '2' })).toEqual(['version version']);
  expect(changesBetween(one, { 'models root': 'a' })).toEqual(['models max_model_len']);
  expect(changesBetween({}, one)).toEqual([]);
});
