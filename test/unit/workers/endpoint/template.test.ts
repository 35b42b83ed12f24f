import { expect, test } from 'vitest';
import type { Client } from '../../../../workers/endpoint/src/client.ts';
import type { Configuration } from '../../../../workers/endpoint/src/config.ts';
import { templateTokens } from '../../../../workers/endpoint/src/template.ts';

const configuration = { api: 'chat', model: 'm', extra_body: {}, body: { rename: {}, omit: [] } } as unknown;
const added = (send: () => Promise<unknown>) =>
  templateTokens(
    { configuration: configuration as Configuration, tokenizer: null, send: send as Client['send'] },
    { dataset: null },
  );

test('the template has what the server counts for one letter, less that one', async () => {
  expect(await added(async () => ({ error: null, usage: { prompt_tokens: 31 } }))).toBe(30);
});

test('a server that refuses, does not count or has ended leaves it open, and loses no measurement', async () => {
  expect(await added(async () => ({ error: { type: 'timeout' }, usage: { prompt_tokens: 31 } }))).toBeNull();
  expect(await added(async () => ({ error: null, usage: null }))).toBeNull();
  expect(await added(() => Promise.reject(new Error('the server was killed by SIGKILL')))).toBeNull();
});
