import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, onTestFinished, test } from 'vitest';
import { doctorAnswerSchema } from '../../../../plugins/nx-study/src/check/doctor-answer.ts';
import { look } from '../../../../workers/endpoint/doctor/look.ts';
import { openTokenizer } from '../../../../workers/endpoint/src/tokenizer.ts';
import { byteLevelBpe } from '../../../helpers/tokenizer.ts';
import { treeOf } from '../../../helpers/tree.ts';
import { tsx } from '../../../../plugins/nx-study/src/environment/tsx.ts';

const script = join(import.meta.dirname, '../../../../workers/endpoint/doctor/main.ts');
const usual = {
  server: null,
  model: 'm',
  api: 'chat',
  headers: {},
  header_env: {},
  api_key_env: null,
  tokenizer: null,
  telemetry: null,
  dataset: null,
  prompts: null,
  prompt_tokens: 32,
  new_tokens: 8,
  turns: null,
  load: { mode: 'closed', concurrency: 1 },
  workloads: null,
};

const items = (configuration: object) => look({ ...usual, ...configuration });

/** A server with these answers by path, as status and body; what it was asked is listed. */
async function serverOf(answers: Record<string, [number, object]>) {
  const asked: { path: string; key: string | undefined }[] = [];
  const server = createServer((request: IncomingMessage, response) => {
    asked.push({ path: request.url!, key: request.headers.authorization });
    const [status, body] = answers[request.url!] ?? [404, {}];
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, asked };
}

test('a server that answers and has the model; a key goes to it, and into no message', async () => {
  const { url, asked } = await serverOf({ '/v1/models': [200, { data: [{ id: 'm' }, { id: 'other' }] }] });
  const input = JSON.stringify({ protocol: 1, configuration: { ...usual, url, api_key_env: 'DOCTOR_KEY' } });
  const env = { DOCTOR_KEY: 'very-secret' };
  const { stdout } = await execa(process.execPath, ['--import', tsx.url, script], { input, env });
  const found = doctorAnswerSchema.parse(JSON.parse(stdout)).items;
  expect(found.map(({ item, state }) => [item, state])).toEqual([
    ['server', 'ok'],
    ['model', 'ok'],
  ]);
  expect(asked[0]!.path).toBe('/v1/models');
  expect(new Set(asked.map(({ key }) => key))).toEqual(new Set(['Bearer very-secret']));
  expect(JSON.stringify(found)).not.toContain('very-secret');
});

test('another model, a refused key, a server that loads, one without a list, and none', async () => {
  const of = async (answer: [number, object]) => {
    const { url } = await serverOf({ '/v1/models': answer });
    return (await items({ url })).map(({ item, state }) => `${item} ${state}`);
  };
  expect(await of([200, { data: [{ id: 'a' }, { id: 'b' }] }])).toEqual(['server ok', 'model fails']);
  expect(await of([200, { data: [{ id: 'a' }] }])).toEqual(['server ok', 'model warning']);
  expect(await of([401, {}])).toEqual(['server fails']);
  expect(await of([503, {}])).toEqual(['server warning']);
  expect(await of([404, {}])).toEqual(['server unknown']);
  const [none] = await items({ url: 'http://127.0.0.1:1/v1' });
  expect(none).toMatchObject({ state: 'fails', next: 'Start the server, or correct `url`.' });
});

test('a server that each measurement starts: whether its program is there', async () => {
  const of = async (program: string) => (await items({ url: null, server: { command: [program] } }))[0]!.state;
  expect(await of(process.execPath)).toBe('ok');
  expect(await of('node')).toBe('ok');
  expect(await of('/no/such/program')).toBe('fails');
  expect(await of('{script}')).toBe('unknown');
});

test('a tokenizer against the server: the same tokens, others, no page for it, no tokenizer, not there yet', async () => {
  const root = await treeOf({
    'tokenizer.json': byteLevelBpe(['a', 'b', 'T', 'h', 'e'], []),
    'broken.json': '{',
  });
  const of = async (file: string, answers: Record<string, [number, object]>) => {
    const { url } = await serverOf({ '/v1/models': [200, { data: [{ id: 'm' }] }], ...answers });
    return (await items({ url, tokenizer: join(root, file) })).find(({ item }) => item === 'tokenizer');
  };
  const other = await of('tokenizer.json', { '/tokenize': [200, { tokens: [1, 2] }] });
  expect(other).toMatchObject({
    state: 'warning',
    message: expect.stringMatching(/makes \d+ tokens of a sentence, the server 2/),
  });
  const count = Number(/makes (\d+)/.exec(other!.message)![1]);
  const ids = openTokenizer(join(root, 'tokenizer.json')).encode(SAMPLE);
  expect(ids).toHaveLength(count);
  expect(await of('tokenizer.json', { '/tokenize': [200, { tokens: ids }] })).toMatchObject({ state: 'ok' });
  expect(await of('tokenizer.json', {})).toMatchObject({ state: 'unknown' });
  expect(await of('broken.json', {})).toMatchObject({ state: 'fails' });
  expect(await of('none.json', {})).toMatchObject({ state: 'unknown' });
});

const SAMPLE = 'The quick brown fox jumps over 13 lazy dogs — naïve café, 東京.';

test('a variable that is not set', async () => {
  const { url } = await serverOf({});
  expect(await items({ url, api_key_env: 'DOCTOR_NO_KEY' })).toMatchObject([{ item: 'server', state: 'fails' }]);
});

test('a server that runs already, against what the study expects of it', async () => {
  const models = { data: [{ id: 'm', owned_by: 'vllm', max_model_len: 8192 }] };
  const { url } = await serverOf({ '/v1/models': [200, models], '/version': [200, { version: '0.28.1' }] });
  const of = (expected: object) => items({ url, server: { expect: expected } });
  expect(await of({ name: 'vllm', version: '0.28.*', told: { 'models max_model_len': 8192 } })).toMatchObject([
    { item: 'server', state: 'ok' },
    { item: 'model', state: 'ok' },
    { item: 'server', state: 'ok', message: 'it is the one that server.expect names' },
    { item: 'lengths', state: 'ok' },
  ]);
  const [, , other] = await of({ name: 'vllm', version: '0.29.*' });
  expect(other).toMatchObject({ item: 'server', state: 'fails' });
  expect(other!.message).toBe(
    'the server is not the expected one: server.expect.version is "0.29.*", but it tells "0.28.1"',
  );
  expect(other!.next).toBe('Ask the right server, or change `server.expect`.');
  const input = JSON.stringify({
    protocol: 1,
    configuration: { ...usual, url, server: { expect: { name: 'sglang' } } },
  });
  const { stdout } = await execa(process.execPath, ['--import', tsx.url, script], { input });
  const found = doctorAnswerSchema.parse(JSON.parse(stdout)).items;
  expect(found.map(({ item, state }) => `${item} ${state}`)).toEqual([
    'server ok',
    'model ok',
    'server fails',
    'lengths ok',
  ]);
});

test('what only a server of its own uses, and no command', async () => {
  const { url } = await serverOf({});
  const [found] = await items({ url, server: { env: { A: 'b' } } });
  expect(found).toMatchObject({ item: 'server', state: 'fails', message: expect.stringContaining('server.env') });
});

test('files of texts and traces: how much they have, a wrong form, and none', async () => {
  const { url } = await serverOf({ '/v1/models': [200, { data: [{ id: 'm' }] }] });
  const root = await treeOf({
    'talks.jsonl': '{"prompt": "a"}\n{"prompt": "b"}\n',
    'lines.txt': 'one\n\ntwo\nthree\n',
    'empty.txt': '\n',
    'day.jsonl': '{"at_s": 0, "prompt_tokens": 3, "new_tokens": 2}\n{"at_s": 1, "prompt": "a", "new_tokens": 2}\n',
    'wrong.jsonl': '{"at_s": 0}\n',
  });
  const at = (file: string) => join(root, file);
  const of = async (configuration: object) =>
    (await items({ url, ...configuration })).slice(2).map(({ item, state, message }) => ({ item, state, message }));
  const dataset = (file: string, form: string) => ({ dataset: { file: at(file), form } });
  const replay = (file: string) => ({ mode: 'replay', file: at(file), speed: 1 });
  expect(
    await of({ ...dataset('talks.jsonl', 'prompt'), prompts: at('lines.txt'), load: replay('day.jsonl') }),
  ).toEqual([
    { item: 'dataset', state: 'ok', message: `${at('talks.jsonl')} has 2 entries` },
    { item: 'prompts', state: 'ok', message: `${at('lines.txt')} has 3 lines` },
    { item: 'trace', state: 'ok', message: `${at('day.jsonl')} has 2 requests` },
  ]);
  expect(
    await of({
      ...dataset('talks.jsonl', 'sharegpt'),
      prompts: at('empty.txt'),
      workloads: [{ load: replay('wrong.jsonl') }, {}, { load: replay('none.jsonl') }],
    }),
  ).toEqual([
    {
      item: 'dataset',
      state: 'fails',
      message: expect.stringContaining(`${at('talks.jsonl')}, line 1: conversations is missing`),
    },
    { item: 'prompts', state: 'fails', message: `${at('empty.txt')}: it has no prompt: write one a line` },
    {
      item: 'trace',
      state: 'fails',
      message: expect.stringContaining(`${at('wrong.jsonl')}, line 1: new_tokens is missing`),
    },
    { item: 'trace', state: 'fails', message: expect.stringContaining('none.jsonl') },
  ]);
});

test('a request longer than the server takes: of each workload, by distribution, of a file, and where nobody counts', async () => {
  const { url } = await serverOf({
    '/v1/models': [200, { data: [{ id: 'm' }] }],
    '/props': [200, { default_generation_settings: { n_ctx: 1024 } }],
  });
  const root = await treeOf({
    'talks.jsonl': '{"prompt": "a"}\n',
    'day.jsonl': '{"at_s": 0, "prompt_tokens": 1000, "new_tokens": 25}\n',
    'lengths.csv': 'prompt_tokens,new_tokens\n1000,24\n10,1000\n',
    'bad.csv': 'prompt\n1\n',
  });
  const at = (file: string) => ({ file: join(root, file) });
  const of = async (configuration: object) =>
    (await items({ url, ...configuration })).flatMap(({ item, state, message, next }) =>
      item === 'lengths' ? [`${state}: ${message}${next === null ? '' : ` → ${next}`}`] : [],
    );
  const shorter = '(its n_ctx) → Lower the longest `prompt_tokens` and `new_tokens`, or start the server with more.';
  expect(await of({ prompt_tokens: 5000 })).toEqual([
    `fails: workload 0: prompt and answer may have 5008 tokens together, and the server takes 1024 ${shorter}`,
  ]);
  expect(await of({ workloads: [{}, { new_tokens: { uniform: [1, 993] } }] })).toEqual([
    expect.stringMatching(/^fails: workload 1: prompt and answer may have 1025 tokens/),
  ]);
  expect(await of({ prompt_tokens: { lognormal: { median: 99, sigma: 1, max: 2000 } } })).toEqual([
    expect.stringContaining('2008 tokens'),
  ]);
  expect(await of({ prompt_tokens: at('lengths.csv'), new_tokens: at('lengths.csv') })).toEqual([
    'ok: the longest request has 1024 tokens, and the server takes 1024; a chat template comes on top',
  ]);
  expect(await of({ load: { mode: 'replay', ...at('day.jsonl'), speed: 1 } })).toEqual([
    expect.stringContaining('1025 tokens'),
  ]);
  expect(await of({ dataset: { ...at('talks.jsonl'), form: 'prompt', order: 'file', answers: 'drawn' } })).toEqual([
    'unknown: the server takes 1024 tokens; how long requests become is not known',
  ]);
  expect(await of({ new_tokens: at('bad.csv') })).toEqual([
    expect.stringMatching(/^fails: .*bad.csv, line 1: it has no column new_tokens.* → Correct the lengths.$/),
  ]);
  // Embeddings have no answer.
  expect(await of({ api: 'embeddings', prompt_tokens: 1024, new_tokens: 9999 })).toEqual([
    'ok: the longest request has 1024 tokens, and the server takes 1024',
  ]);
});
