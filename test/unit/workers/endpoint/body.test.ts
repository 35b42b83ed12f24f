import { expect, test } from 'vitest';
import { addressOf, bodyOf, headersOf, secretsOf } from '../../../../workers/endpoint/src/body.ts';
import type { Configuration } from '../../../../workers/endpoint/src/config.ts';

const configuration = (changes: Partial<Configuration>) =>
  ({
    api: 'completions',
    model: 'm',
    ignore_eos: true,
    length: 'exact',
    body: { rename: { max_tokens: 'max_tokens' }, omit: [] },
    header_env: {},
    extra_body: {},
    headers: {},
    api_key_env: null,
    ...changes,
  }) as Configuration;

test('a completion streams exactly so many tokens, greedily, with the usage at its end', () => {
  expect(JSON.parse(bodyOf(configuration({}), [5, 6], 8))).toEqual({
    model: 'm',
    prompt: [5, 6],
    max_tokens: 8,
    ignore_eos: true,
    temperature: 0,
    stream: true,
    stream_options: { include_usage: true },
  });
});

test('a chat has one message; what a server refuses can be left out, what it needs can be added', () => {
  const changes = { api: 'chat', ignore_eos: false, extra_body: { temperature: 1, min_tokens: 8 } } as const;
  const body = JSON.parse(bodyOf(configuration(changes), ' words', 8));
  expect(body).toMatchObject({ messages: [{ role: 'user', content: ' words' }], temperature: 1, min_tokens: 8 });
  expect(body).not.toHaveProperty('ignore_eos');
  expect(body).not.toHaveProperty('prompt');
});

test('running usage can be asked for; keys can have another name, or be left out', () => {
  const body = (changes: Partial<Configuration>, running = false) =>
    JSON.parse(bodyOf(configuration(changes), [5], 8, running)) as object;
  expect(body({}, true)).toMatchObject({ stream_options: { include_usage: true, continuous_usage_stats: true } });
  const own = body(
    { body: { rename: { max_tokens: 'max_completion_tokens' }, omit: ['stream_options', 'temperature'] } },
    true,
  );
  expect(own).toEqual({ model: 'm', prompt: [5], max_completion_tokens: 8, ignore_eos: true, stream: true });
  expect(body({ length: 'at-most' })).not.toHaveProperty('ignore_eos');
});

test('requests go below the base URL', () => {
  expect(addressOf('http://a:1/v1', 'completions').href).toBe('http://a:1/v1/completions');
  expect(addressOf('https://a/openai/v1/', 'chat').href).toBe('https://a/openai/v1/chat/completions');
  expect(addressOf('https://a/v1/?api-version=1&x=y#part', 'chat').href).toBe(
    'https://a/v1/chat/completions?api-version=1&x=y',
  );
  expect(addressOf('https://a?v=1', 'completions').href).toBe('https://a/completions?v=1');
});

test('the key comes from the variable that is named, and its absence is told', () => {
  process.env['NX_STUDY_TEST_KEY'] = 'sesame';
  try {
    expect(headersOf(configuration({ api_key_env: 'NX_STUDY_TEST_KEY' }))).toMatchObject({
      authorization: 'Bearer sesame',
    });
  } finally {
    delete process.env['NX_STUDY_TEST_KEY'];
  }
  expect(() => headersOf(configuration({ api_key_env: 'NX_STUDY_TEST_KEY' }))).toThrow('NX_STUDY_TEST_KEY is not set');
  expect(headersOf(configuration({ headers: { 'x-tier': 'batch' } }))).toEqual({
    'x-tier': 'batch',
    'content-type': 'application/json',
    accept: 'text/event-stream',
    'accept-encoding': 'identity',
  });
  const own = { 'Accept-Encoding': 'gzip' };
  expect(headersOf(configuration({ headers: own }))).toMatchObject({ 'accept-encoding': 'gzip' });
});

test('a secret of any header comes from the variable that is named; what cannot be sent is refused without its value', () => {
  process.env['NX_STUDY_TEST_KEY'] = 'sesame';
  process.env['NX_STUDY_TEST_BROKEN'] = 'ses\name';
  try {
    const named = configuration({ header_env: { 'Api-Key': 'NX_STUDY_TEST_KEY' } });
    expect(headersOf(named)).toMatchObject({ 'api-key': 'sesame' });
    expect(secretsOf(named)).toEqual(['sesame']);
    const both = configuration({ headers: { 'api-key': 'x' }, header_env: { 'Api-Key': 'NX_STUDY_TEST_KEY' } });
    expect(() => headersOf(both)).toThrow('header_env.Api-Key: the header api-key is given twice');
    const broken = configuration({ header_env: { 'api-key': 'NX_STUDY_TEST_BROKEN' } });
    expect(() => headersOf(broken)).toThrow(/^header_env.api-key: HTTP allows no such header \(a line break/);
    const unset = configuration({ header_env: { 'api-key': 'NX_STUDY_TEST_UNSET' } });
    expect(() => headersOf(unset)).toThrow(
      'header_env.api-key: the environment variable NX_STUDY_TEST_UNSET is not set',
    );
  } finally {
    delete process.env['NX_STUDY_TEST_KEY'];
    delete process.env['NX_STUDY_TEST_BROKEN'];
  }
});
