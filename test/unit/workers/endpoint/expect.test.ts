import { expect, test } from 'vitest';
import { readConfiguration } from '../../../../workers/endpoint/src/config.ts';
import type { Expected } from '../../../../workers/endpoint/src/config.ts';
import { refuseAnother } from '../../../../workers/endpoint/src/expect.ts';

const identity = {
  name: 'vllm',
  version: '0.28.3',
  told: { 'models id': 'm', 'models root': '/models/llama-8b', 'models max_model_len': 4096 },
};
const refusal = (expected: Expected, is: Parameters<typeof refuseAnother>[1] = identity): string | null => {
  try {
    refuseAnother(expected, is);
    return null;
  } catch (error) {
    expect(error).toMatchObject({ type: 'environment' });
    return (error as Error).message;
  }
};

test('a server that is as expected is measured; * stands for anything', () => {
  for (const expected of [
    {},
    { name: 'vllm', version: '0.28.*' },
    { version: '*.28.3' },
    { model: 'llama-8b' },
    { model: '/models/*' },
    { model: 'm' },
    { told: { 'models max_model_len': 4096 } },
  ])
    expect(refusal(expected)).toBeNull();
});

test('another one is refused, with all that differs', () => {
  expect(refusal({ version: '0.28', name: 'sglang' })).toBe(
    'the server is not the expected one, and nothing was measured: server.expect.name is "sglang", but it tells "vllm"; ' +
      'server.expect.version is "0.28", but it tells "0.28.3". Ask the right server, or change server.expect',
  );
  // A full stop is no pattern.
  expect(refusal({ version: '0.28x*' })).toContain('server.expect.version');
  expect(refusal({ told: { 'models max_model_len': 8192 } })).toContain(
    'told.models max_model_len is 8192, but it tells 4096',
  );
  const silent = { name: null, version: null, told: {} };
  expect(refusal({ version: '*' }, silent)).toContain('server.expect.version is "*", but it tells none');
  expect(refusal({ model: 'x' }, silent)).toContain('server.expect.model is "x", but it tells none');
});

test('without a command the server is one that runs already, and nothing may be for the command', () => {
  const expected = { version: '1' };
  expect(readConfiguration({ url: 'x', server: { assets: {}, files: {}, env: {}, expect: expected } })).toEqual({
    configuration: { url: 'x', server: null },
    expected,
  });
  expect(readConfiguration({ url: 'x', server: null })).toEqual({
    configuration: { url: 'x', server: null },
    expected: {},
  });
  expect(readConfiguration({ server: { command: ['a'], env: { B: 'c' }, expect: expected } })).toEqual({
    configuration: { server: { command: ['a'], env: { B: 'c' } } },
    expected,
  });
  expect(() => readConfiguration({ url: 'x', server: { assets: { model: 'a' }, env: { B: 'c' } } })).toThrow(
    'server.command: it is missing, and without it nothing uses server.assets, server.env',
  );
});
