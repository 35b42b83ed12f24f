import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { inputProblems } from '../../../../workers/endpoint/check/problems.ts';
import { treeOf } from '../../../helpers/tree.ts';

const usual = {
  api: 'chat',
  tokenizer: null,
  dataset: null,
  prompts: null,
  turns: null,
  prompt_tokens: null,
  new_tokens: null,
  load: {},
  workloads: null,
};
const problems = (asked: object) => inputProblems({ ...usual, ...asked } as never);
const told = (asked: object) => problems(asked).map(({ path, message }) => `${path}: ${message}`);

let root: string;
beforeEach(async () => {
  root = await treeOf({
    'tokenizer.json': '{}',
    'broken.json': '{"version": ',
    'lines.txt': 'one\n',
    'empty.txt': ' \n',
    'talks.jsonl': '{"messages": [{"role": "user", "content": "a"}]}\n',
    'long.jsonl':
      '[{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}, {"role": "user", "content": "c"}]\n',
    'wrong.jsonl': '{"messages": [{"role": "user", "content": "a"}]}\n{"messages": "b"}\n',
    'day.jsonl': '{"at_s": 0, "prompt_tokens": 3, "new_tokens": 2}\n',
    'chats.jsonl': '\n{"at_s": 0, "messages": [{"role": "user", "content": "a"}], "new_tokens": 2}\n',
    'unsorted.jsonl':
      '{"at_s": 2, "prompt_tokens": 3, "new_tokens": 2}\n{"at_s": 1, "prompt_tokens": 3, "new_tokens": 2}\n',
    'lengths.csv': 'prompt_tokens,new_tokens\n5,6\n',
    'bad.csv': 'prompt_tokens,new_tokens\n5,6\n\n7,none\n',
  });
});
const at = (file: string) => join(root, file);
const file = (name: string) => ({ file: at(name) });
const dataset = (name: string, more: object = {}) => ({
  dataset: { ...file(name), form: 'messages', order: 'as-written', answers: 'new_tokens', ...more },
});

test('files that can be read, and none', () => {
  expect(problems({})).toEqual([]);
  const lengths = { prompt_tokens: file('lengths.csv'), new_tokens: file('lengths.csv') };
  expect(problems({ ...dataset('talks.jsonl'), ...lengths })).toEqual([]);
  expect(
    problems({ prompts: at('lines.txt'), tokenizer: at('tokenizer.json'), load: file('chats.jsonl'), ...lengths }),
  ).toEqual([]);
});

test('a wrong trace, with the setting that names it, file, line and value', () => {
  expect(problems({ load: file('unsorted.jsonl') })).toEqual([
    {
      path: 'load.file',
      message: `${at('unsorted.jsonl')}, line 2: at_s 1 comes after 2: sort the lines by time`,
      file: at('unsorted.jsonl'),
      line: 2,
      column: null,
      value: '1',
    },
  ]);
  expect(told({ load: file('chats.jsonl') })).toEqual([]);
  expect(told({ load: file('chats.jsonl'), api: 'completions' })).toEqual([
    `load.file: ${at('chats.jsonl')}, line 2: it has messages, which are sent to a chat only: set \`api: chat\``,
  ]);
});

test('wrong lengths, with their column', () => {
  expect(problems({ new_tokens: file('bad.csv') })).toEqual([
    {
      path: 'new_tokens.file',
      message: `${at('bad.csv')}, line 4, column new_tokens: "none" is no whole number from 1 on`,
      file: at('bad.csv'),
      line: 4,
      column: 'new_tokens',
      value: 'none',
    },
  ]);
  expect(problems({ new_tokens: file('bad.csv'), api: 'embeddings' })).toEqual([]);
});

test('what a workload names itself stands in place of the file of the top level, also where it names none', () => {
  const own = { workloads: [{ load: file('unsorted.jsonl') }, { new_tokens: null }, {}, {}] };
  expect(told({ ...own, load: file('day.jsonl'), new_tokens: file('bad.csv') })).toEqual([
    expect.stringMatching(/^new_tokens\.file: .*bad\.csv, line 4/),
    expect.stringMatching(/^workloads\.0\.load\.file: .*unsorted\.jsonl, line 2/),
  ]);
  const all = { workloads: [{ load: {}, new_tokens: null }] };
  expect(told({ ...all, load: file('unsorted.jsonl'), new_tokens: file('bad.csv') })).toEqual([]);
});

test('what can not be asked of a dataset, and two files for one thing', () => {
  expect(told(dataset('wrong.jsonl'))).toEqual([
    expect.stringMatching(/^dataset\.file: .*wrong\.jsonl, line 2: messages is "b"; it must be a list/),
  ]);
  expect(told({ ...dataset('long.jsonl'), api: 'completions' })).toEqual([
    expect.stringContaining('long.jsonl, line 1: it has 3 messages before its answer'),
  ]);
  const recorded = { answers: 'recorded' };
  expect(told({ ...dataset('long.jsonl', recorded), tokenizer: at('tokenizer.json') })).toEqual([
    expect.stringContaining('long.jsonl, line 1: it has no recorded answer'),
  ]);
  expect(told(dataset('long.jsonl', recorded))).toEqual([expect.stringContaining('give `tokenizer`')]);
  expect(told({ ...dataset('talks.jsonl'), load: file('day.jsonl') })).toEqual([
    'dataset: dataset: a trace has requests of its own: leave one of them out',
  ]);
  const both = { ...dataset('talks.jsonl'), prompts: at('lines.txt'), tokenizer: at('tokenizer.json') };
  expect(told(both)).toEqual([expect.stringContaining('`prompts` is set, too')]);
});

test('prompts without one, or without what cuts them; a tokenizer that is no JSON, and one that may not be here yet', () => {
  expect(told({ prompts: at('empty.txt') })).toEqual([
    'prompts: prompts: they are cut to prompt_tokens, which needs a tokenizer',
    `prompts: ${at('empty.txt')}: it has no prompt: write one a line`,
  ]);
  expect(told({ tokenizer: at('broken.json') })).toEqual([
    expect.stringMatching(/^tokenizer: .*broken\.json: it is no JSON \(.+\): name a tokenizer\.json of the model$/),
  ]);
  expect(told({ tokenizer: { asset: at('none') } })).toEqual([]);
});
