import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import type { Configuration } from '../../../../../workers/endpoint/src/config.ts';
import { InputProblem } from '../../../../../workers/kits/node/index.ts';
import { datasetContents, sizesOf } from '../../../../../workers/endpoint/src/dataset/contents.ts';
import { datasetOf } from '../../../../../workers/endpoint/src/dataset/dataset.ts';
import { readDataset } from '../../../../../workers/kits/node/dataset/index.ts';
import type { Form } from '../../../../../workers/kits/node/dataset/index.ts';
import { lengthsOf } from '../../../../../workers/endpoint/src/lengths.ts';
import type { PromptKey } from '../../../../../workers/endpoint/src/prompts.ts';
import { openTokenizer } from '../../../../../workers/endpoint/src/tokenizer.ts';
import { tokenizerOfWords } from '../../../../helpers/tokenizer.ts';
import { cases } from '../../../kits/conformance/cases.ts';
import { kits } from '../../../kits/workers.ts';

const folder = mkdtempSync(join(tmpdir(), 'nx-study-dataset-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, content: string | Buffer) => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const lines = (...values: unknown[]) => values.map((value) => JSON.stringify(value)).join('\n');

const letters = 'abcdefghij'.split('');
const words = letters.flatMap((a) => letters.map((b) => `${a}${b}${a}`));
const tokenizer = openTokenizer(file('tokenizer.json', tokenizerOfWords(words)));

const user = (content: string) => ({ role: 'user', content });
const assistant = (content: string) => ({ role: 'assistant', content });
const said = (from: string, value: string) => ({ from, value });

const configuration = (dataset: object, more: object = {}): Configuration =>
  ({
    api: 'chat',
    prompts: null,
    tokenizer: 'tokenizer.json',
    turns: null,
    server: {},
    workloads: null,
    dataset: { order: 'as-written', answers: 'new_tokens', ...dataset },
    ...more,
  }) as unknown as Configuration;

const key = (changes: Partial<PromptKey> = {}): PromptKey => ({
  seed: 1,
  workload: 0,
  pass: 'generate',
  iteration: 0,
  sequence: 0,
  sequences: 1,
  ...changes,
});

test('prompts are texts or objects, as JSON lines or as one JSON array', () => {
  const expected = [[{ messages: [user('one')], answer: null }], [{ messages: [user('two')], answer: 'yes' }]];
  const values = ['one', { prompt: 'two', answer: 'yes', id: 7 }];
  for (const text of [`${lines(...values)}\r\n\n`, JSON.stringify(values)])
    expect(readDataset(file('prompts.json', text), 'prompt').entries.map(({ turns }) => turns)).toEqual(expected);
});

test('each answer ends a turn; what no user asked for is left out, and conversations without a user are counted', () => {
  const chat = [{ role: 'system', content: 's' }, user('a'), assistant('b'), user('c')];
  const turns = [
    { messages: chat.slice(0, 2), answer: 'b' },
    { messages: [user('c')], answer: null },
  ];
  const read = (form: Form, ...values: unknown[]) => readDataset(file('chats.jsonl', lines(...values)), form);
  const messages = read('messages', { messages: chat }, chat, [assistant('x')], { messages: [] });
  expect(messages.entries.map((entry) => entry.turns)).toEqual([turns, turns]);
  expect(messages.skipped).toBe(2);
  const shared = [said('gpt', 'hello'), said('system', 's'), said('human', 'a'), said('gpt', 'b'), said('human', 'c')];
  expect(read('sharegpt', { id: 'x', conversations: shared }).entries[0]!.turns).toEqual(turns);
});

interface Case {
  form: Form;
  file: string;
  order: 'as-written' | 'seeded';
  seed: number;
  text?: string;
  /** In place of a text: bytes that are none. */
  base64?: string;
  expect: { entries: object[]; skipped: number } | { error: string; line: number | null; value: string | null };
}
function outcomeOf({ text, base64, file: name, form, order, seed }: Case): Case['expect'] {
  const path = file(name, text ?? Buffer.from(base64!, 'base64'));
  try {
    const { entries, skipped } = datasetOf(configuration({ file: path, form, order }), null, seed)!;
    return { entries: entries.map(({ messages }) => messages), skipped };
  } catch (error) {
    if (!(error instanceof InputProblem)) throw error;
    const { message, line, value } = error.asJson();
    return { error: message.replace(path, ''), line, value };
  }
}
test.each(cases<Case>('dataset.json'))('as the Python kit reads it: $name', (one) => {
  expect(outcomeOf(one)).toEqual(one.expect);
});

const datasetSchema = (worker: string) => {
  const path = join(kits, '..', worker, 'config.schema.json');
  const { properties } = JSON.parse(readFileSync(path, 'utf8'), (name, value: unknown) =>
    ['title', 'description'].includes(name) && typeof value === 'string' ? undefined : value,
  ) as { properties: { dataset: { properties: Record<string, unknown> } } };
  return properties.dataset;
};
test.each(['llama-cpp', 'transformers', 'vllm', 'sglang', 'tensorrt-llm'])(
  '%s has the same setting, but for answers',
  (worker) => {
    const own = datasetSchema('endpoint');
    delete own.properties['answers'];
    expect(datasetSchema(worker)).toEqual(own);
  },
);

test.each<[Form, unknown[], string]>([
  ['prompt', ['a', 3], 'x.jsonl, line 2: the entry is 3; it must be an object'],
  ['prompt', [{ prompt: '' }], 'x.jsonl, line 1: prompt is ""; it must be a text that is not empty'],
  ['messages', [{ conversations: [] }], 'x.jsonl, line 1: messages is missing; it must be a list'],
  [
    'messages',
    [[user('a'), { role: 'robot', content: 'x' }]],
    'line 1: [1].role is "robot"; it must be one of system,',
  ],
  [
    'messages',
    [{ messages: [{ role: 'user', content: [1] }] }],
    'line 1: messages[0].content is [1]; it must be a text',
  ],
  ['sharegpt', [{ conversations: [said('human', 'a'), 'b'] }], 'line 1: conversations[1] is "b"; it must be an object'],
  ['sharegpt', [{ conversations: [said('gpt', 'a')] }], 'x.jsonl: it has no entry with a prompt; in the form sharegpt'],
])('%s: %j is refused with its place', (form, values, message) => {
  expect(() => readDataset(file('x.jsonl', lines(...values)), form)).toThrow(message);
});

test('a line that is no JSON is named', () => {
  expect(() => readDataset(file('y.jsonl', '"a"\nplain text\n'), 'prompt')).toThrow(
    'y.jsonl, line 2: it is no JSON: plain text',
  );
});

const conversation = [user('aba bcb'), assistant('cdc'), user('ded efe fgf')];
const shareGpt = { conversations: [said('human', 'aba bcb'), said('gpt', 'cdc ded efe'), said('human', 'x')] };

test('a list of messages is sent up to its last answer, a ShareGPT conversation up to its first question', () => {
  const contents = (form: Form, value: unknown) => {
    const dataset = datasetOf(configuration({ file: file('one.jsonl', lines(value)), form }), tokenizer, 1)!;
    const new_tokens = lengthsOf('new_tokens', 9, 1);
    return datasetContents({ dataset, new_tokens, isChat: true, tokenizer, repeats: () => {} })(key());
  };
  expect(contents('messages', [...conversation, assistant('last')])).toEqual({
    prompt: { messages: conversation },
    asked_tokens: 9,
    asked_prompt_tokens: null,
  });
  expect(contents('sharegpt', shareGpt).prompt).toEqual({ messages: [user('aba bcb')] });
});

test('recorded answers give the lengths that are asked for; sizes are those of the texts', () => {
  const path = file('answers.jsonl', lines(shareGpt, { conversations: [said('human', ' aba'), said('gpt', ' cdc')] }));
  const dataset = datasetOf(configuration({ file: path, form: 'sharegpt', answers: 'recorded' }), tokenizer, 1)!;
  const length = (text: string) => tokenizer.encode(text).length;
  const own = [length('cdc ded efe'), length(' cdc')];
  const new_tokens = lengthsOf('new_tokens', 64, 1);
  const contents = datasetContents({ dataset, new_tokens, isChat: true, tokenizer, repeats: () => {} });
  expect([0, 1, 2].map((iteration) => contents(key({ iteration })).asked_tokens)).toEqual([own[0], own[1], own[0]]);
  expect(sizesOf(dataset, new_tokens)).toEqual({
    prompt_tokens: length('aba bcb'),
    new_tokens: own[0],
    longest_tokens: length('aba bcb') + own[0]!,
  });
});

test('what a dataset cannot be asked is refused', () => {
  const path = file('more.jsonl', lines(conversation));
  const ask = (more: object, settings: object = {}, own = tokenizer as typeof tokenizer | null) =>
    datasetOf(configuration({ file: path, form: 'messages', ...more }, settings), own, 1);
  expect(() => ask({}, { api: 'completions' })).toThrow('more.jsonl, line 1: it has 3 messages before its answer');
  expect(() => ask({ answers: 'recorded' })).toThrow('more.jsonl, line 1: it has no recorded answer');
  expect(() => ask({ answers: 'recorded' }, { tokenizer: null }, null)).toThrow('give `tokenizer`');
  expect(() => ask({}, { prompts: 'x' })).toThrow('`prompts` is set, too');
});

const ten = () => file('ten.jsonl', lines(...Array.from({ length: 10 }, (_, index) => `${words[index]} end`)));
const textsOf = (settings: object, order = 'as-written', seed = 1) => {
  const dataset = datasetOf(
    configuration({ file: ten(), form: 'prompt', order }, { api: 'completions', ...settings }),
    null,
    seed,
  )!;
  const repeats = vi.fn<(message: string) => void>();
  const new_tokens = lengthsOf('new_tokens', 4, 1);
  const contents = datasetContents({ dataset, new_tokens, isChat: false, tokenizer: null, repeats });
  const text = (changes: Partial<PromptKey> = {}) => contents(key(changes)).prompt as string;
  return { text, repeats };
};
const iterations = Array.from({ length: 10 }, (_, iteration) => iteration);

test('a seeded order is a permutation: the same for the same seed', () => {
  const order = (seed: number) => {
    const { text } = textsOf({}, 'seeded', seed);
    return iterations.map((iteration) => text({ iteration }));
  };
  const written = words.slice(0, 10).map((word) => `${word} end`);
  expect(order(1)).toEqual(order(1));
  expect(order(1)).not.toEqual(order(2));
  expect(order(1).toSorted()).toEqual(written.toSorted());
});

test('warm-up takes entries from the end; an entry that comes again is told once', () => {
  const { text, repeats } = textsOf({});
  expect(text({ pass: 'warm-up', iteration: 0, sequence: 1, sequences: 2 })).toBe(`${words[8]} end`);
  for (const iteration of iterations.slice(0, 8)) expect(text({ iteration })).toBe(`${words[iteration]} end`);
  expect(repeats).not.toHaveBeenCalled();
  text({ iteration: 8 });
  text({ iteration: 9 });
  expect(repeats.mock.calls).toEqual([
    ['ten.jsonl has 10 entries, and the requests of this workload use some of them more than once'],
  ]);
});

test('to a server that ran before, texts begin with words of the attempt, the workload and the pass through the file', () => {
  const { text } = textsOf({ server: null });
  const salt = (changes: Partial<PromptKey>) => text(changes).split(' ').slice(0, 8).join(' ');
  expect(text().endsWith(`${words[0]} end`)).toBe(true);
  // What entries have in common at their beginnings stays so, in what brings the load up as well.
  expect(new Set([salt({}), salt({ iteration: 9 }), salt({ pass: 'warm-up' })]).size).toBe(1);
  expect(new Set([salt({}), salt({ iteration: 10 }), salt({ seed: 2 }), salt({ workload: 1 })]).size).toBe(4);
});
