import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { redacted, redactFile, redactor } from '../../../../workers/endpoint/src/redact.ts';

test('a secret is found with and without its scheme, in a URL, and in JSON', () => {
  const redact = redactor(['Bearer se/sa"me']);
  expect(redact('Bearer se/sa"me, se/sa"me, se%2Fsa%22me, se/sa\\"me')).toBe('…, …, …, …');
  expect(redactor(['abc', ''])('abc')).toBe('abc');
});

test('all texts of a value are redacted, and nothing else', () => {
  const value = { name: 'sesame!', list: ['sesame', null, { deep: 'a sesame' }], times: [1, 2], yes: true };
  expect(redacted(value, redactor(['sesame']))).toEqual({
    name: '…!',
    list: ['…', null, { deep: 'a …' }],
    times: [1, 2],
    yes: true,
  });
});

test('a log keeps its bytes, without the secret', () => {
  const folder = mkdtempSync(join(tmpdir(), 'nx-study-redact-'));
  const log = join(folder, 'server.log');
  const bytes = Buffer.from([0xff, 0x0a, 0xc3, 0xa9]);
  writeFileSync(log, Buffer.concat([Buffer.from('key sesäme\n'), bytes]));
  redactFile(log, ['sesäme']);
  expect(readFileSync(log)).toEqual(Buffer.concat([Buffer.from('key ...\n'), bytes]));
  redactFile(join(folder, 'none.log'), ['sesäme']);
  rmSync(folder, { recursive: true });
});
