import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readTrace } from '../../../../../workers/endpoint/src/load/trace.ts';

function read(...lines: string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'nx-study-trace-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'day.jsonl');
  writeFileSync(path, lines.join('\n'));
  return readTrace(path, 'chat');
}

test('lines with lengths or with texts, in order of time', () => {
  expect(
    read('{"at_s":0,"prompt_tokens":3,"new_tokens":2}', '', '{"at_s":1.5,"prompt":"hello","new_tokens":1}\r', ''),
  ).toEqual([
    { at_s: 0, prompt_tokens: 3, new_tokens: 2, prompt: null },
    { at_s: 1.5, prompt_tokens: null, new_tokens: 1, prompt: 'hello' },
  ]);
});

test('a line may have the messages of a chat', () => {
  const messages = [
    { role: 'system', content: 'be brief' },
    { role: 'user', content: 'hello' },
  ];
  const [line] = read(JSON.stringify({ at_s: 0, messages, new_tokens: 4 }));
  expect(line).toEqual({ at_s: 0, prompt_tokens: null, new_tokens: 4, prompt: { messages } });
});

test.each([
  [['{"at_s":0,"messages":[],"new_tokens":2}'], 'day.jsonl, line 1: messages is []; it must be a list'],
  [['{"at_s":0,"messages":[{"role":"user"}],"new_tokens":2}'], 'line 1: messages[0].content is missing'],
  [['{"at_s":0,"messages":[],"prompt":"a","new_tokens":2}'], 'has both prompt and messages'],
  [[], 'day.jsonl: it has no lines'],
  [['{"at_s":0'], 'line 1: it is no JSON'],
  [['[]'], 'line 1: at_s is missing'],
  [['{"at_s":-1,"prompt_tokens":3,"new_tokens":2}'], 'line 1: at_s is -1; it must be seconds, from 0 on'],
  [['{"at_s":0,"prompt_tokens":3,"new_tokens":0}'], 'line 1: new_tokens is 0; it must be a whole number from 1 on'],
  [['{"at_s":0,"new_tokens":2}'], 'line 1: prompt_tokens is null'],
  [['{"at_s":0,"prompt":"","new_tokens":2}'], 'line 1: prompt is ""'],
  [['{"at_s":0,"prompt":"a","prompt_tokens":1,"new_tokens":2}'], 'has both prompt and prompt_tokens'],
  [['{"at_s":0,"prompt":"a","new_tokens":2,"user":7}'], 'line 1: it has "user"; known are at_s'],
  [
    ['{"at_s":2,"prompt":"a","new_tokens":2}', '{"at_s":1,"prompt":"a","new_tokens":2}'],
    'line 2: at_s 1 comes after 2: sort the lines by time',
  ],
])('%j is refused', (lines, message) => {
  expect(() => read(...lines)).toThrow(message);
});

test('a line that is not UTF-8 is refused: another character in its place would be another prompt', () => {
  const path = join(mkdtempSync(join(tmpdir(), 'nx-study-trace-')), 'day.jsonl');
  onTestFinished(() => rmSync(dirname(path), { recursive: true, force: true }));
  writeFileSync(path, Buffer.from('\n{"at_s":0,"prompt":"caf\xe9","new_tokens":2}\n', 'latin1'));
  expect(() => readTrace(path, 'chat')).toThrow('day.jsonl, line 2: it is not UTF-8: save the file as UTF-8');
});
