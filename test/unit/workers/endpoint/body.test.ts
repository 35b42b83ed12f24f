import { expect, test } from 'vitest';
import { addressOf, bodyOf, headersOf } from '../../../../workers/endpoint/src/body.ts';
import type { Configuration } from '../../../../workers/endpoint/src/config.ts';

const configuration = (changes: Partial<Configuration>) =>
  ({
    api: 'completions',
    model: 'm',
    ignore_eos: true,
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

test('requests go below the base URL', () => {
  expect(addressOf('http://a:1/v1', 'completions').href).toBe('http://a:1/v1/completions');
  expect(addressOf('https://a/openai/v1/', 'chat').href).toBe('https://a/openai/v1/chat/completions');
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
  });
});
