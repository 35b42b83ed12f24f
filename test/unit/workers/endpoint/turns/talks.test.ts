import { expect, test } from 'vitest';
import type { Client, Workload } from '../../../../../workers/endpoint/src/client.ts';
import type { Configuration } from '../../../../../workers/endpoint/src/config.ts';
import type { Message } from '../../../../../workers/kits/node/dataset/index.ts';
import { lengthsOf } from '../../../../../workers/endpoint/src/lengths.ts';
import type { Reply } from '../../../../../workers/endpoint/src/stream.ts';
import { refuseTurns, scriptOf } from '../../../../../workers/endpoint/src/turns/script.ts';
import type { Said, Turns } from '../../../../../workers/endpoint/src/turns/script.ts';
import { talksOf } from '../../../../../workers/endpoint/src/turns/talks.ts';

const user = (content: string): Message => ({ role: 'user', content });
const assistant = (content: string): Message => ({ role: 'assistant', content });
const turns = (changes: Partial<Turns> = {}): Turns => ({ count: 3, think_s: 5, history: 'server', ...changes });
const reply = (text: string, changes: Partial<Reply> = {}) =>
  ({
    chunks: text === '' ? [] : [text],
    chunk_times_s: Float64Array.from(text === '' ? [] : [0.1]),
    error: null,
    usage: { prompt_tokens: 10, completion_tokens: 4, cached_tokens: null },
    ...changes,
  }) as Reply;

const three = (conversation: number): Said[] =>
  [0, 1, 2].map((turn) => ({
    messages: [user(`${conversation}.${turn}`)],
    asked_tokens: turn + 1,
    recorded: `recorded ${turn}`,
  }));
const talking = (own: Partial<Turns> = {}, script = three) =>
  talksOf({ script, turns: turns(own), write: (prompt) => JSON.stringify(prompt) });
const messagesOf = ({ body }: { body: string }) => (JSON.parse(body) as { messages: Message[] }).messages;

test('each turn has all before it as its history, and then a new conversation begins', () => {
  const talks = talking();
  const first = talks.take(0, 0);
  expect(messagesOf(first)).toEqual([user('0.0')]);
  expect(first).toMatchObject({ turn: 1, asked_tokens: 1, shared_tokens: 0, think_s: 5 });
  talks.heard!(0, reply('hello'));
  const second = talks.take(1, 0);
  expect(messagesOf(second)).toEqual([user('0.0'), assistant('hello'), user('0.1')]);
  expect(second).toMatchObject({ turn: 2, asked_tokens: 2, shared_tokens: 14 });
  talks.heard!(0, reply('again'));
  const third = talks.take(2, 0);
  expect(third.turn).toBe(3);
  // After the last one a user thinks as between conversations.
  expect(third).not.toHaveProperty('think_s');
  talks.heard!(0, reply('bye'));
  expect(messagesOf(talks.take(3, 0))).toEqual([user('1.0')]);
});

test('users are in conversations of their own, and not all in the same turn', () => {
  const talks = talking();
  const turnsOf = (one: number) =>
    Array.from({ length: 4 }, (_, index) => {
      const { turn } = talks.take(index, one);
      talks.heard!(one, reply('x'));
      return turn;
    });
  expect([0, 1, 2, 3].map(turnsOf)).toEqual([
    [1, 2, 3, 1],
    [1, 2, 1, 2],
    [1, 1, 2, 3],
    [1, 2, 3, 1],
  ]);
});

test('the history may have the answers of the file instead', () => {
  const talks = talking({ history: 'recorded' });
  talks.take(0, 0);
  talks.heard!(0, reply('hello'));
  const second = talks.take(1, 0);
  expect(messagesOf(second)).toEqual([user('0.0'), assistant('recorded 0'), user('0.1')]);
  // The server has read the prompt, and not this answer.
  expect(second.shared_tokens).toBe(10);
});

test.each([
  ['an error', reply('x', { error: { type: 'timeout', message: '', status: null } })],
  ['no text', reply('')],
])('%s ends a conversation', (_, answer) => {
  const talks = talking();
  talks.take(0, 0);
  talks.heard!(0, answer);
  expect(messagesOf(talks.take(1, 0))).toEqual([user('1.0')]);
});

test('without counts of the server it is not known how much of a history it has; without the text there is no history', () => {
  const talks = talking();
  talks.take(0, 0);
  talks.heard!(0, reply('x', { usage: null }));
  expect(talks.take(1, 0).shared_tokens).toBeNull();
  expect(() => talks.heard!(0, reply('x', { chunks: [] }))).toThrow('was not kept');
});

test('what users say is made before, as many conversations as the requests need', async () => {
  const made: number[] = [];
  const talks = talking({}, (conversation) => (made.push(conversation), three(conversation)));
  await talks.fill(7);
  expect(made).toEqual([0, 1, 2]);
  for (let index = 0; index < 9; index += 1) {
    talks.take(index, 0);
    talks.heard!(0, reply('x'));
  }
  expect(made).toHaveLength(3);
  talks.take(9, 0);
  expect(made).toEqual([0, 1, 2, 3]);
});

test('a dataset gives the turns that it has, again and again, each time with other words in front', () => {
  const entry = [
    { messages: [user('a')], answer: 'b' },
    { messages: [user('c')], answer: null },
  ];
  const dataset = { name: 'talks.jsonl', entries: [{ turns: entry }], answers: 'new_tokens', isSalted: true };
  const lengths = { new_tokens: lengthsOf('new_tokens', 9, 1) };
  const workload = { index: 0, dataset, lengths } as unknown as Workload;
  const warnings: string[] = [];
  const events = { warning: (...said: string[]) => void warnings.push(said.join(': ')) };
  const client = { salt: 3, tokenizer: null, events } as unknown as Client;
  const script = scriptOf(client, workload, { turns: turns(), contents: () => expect.fail('random') });
  const one = script(0);
  expect(warnings).toEqual([]);
  const other = script(1);
  script(2);
  expect(warnings).toEqual([expect.stringMatching(/^prompts-repeat: workload 0: .*talks\.jsonl/)]);
  expect(one.map(({ asked_tokens, recorded }) => [asked_tokens, recorded])).toEqual([
    [9, 'b'],
    [9, null],
  ]);
  expect(one[1]!.messages).toEqual([user('c')]);
  const beginnings = [one, other].map(([first]) => first!.messages[0]!.content);
  for (const text of beginnings) expect(text).toMatch(/^(\w+ ){8}a$/);
  expect(beginnings[0]).not.toBe(beginnings[1]);
});

test.each<[object, string]>([
  [{ api: 'completions' }, 'turns: a conversation needs `api: chat`'],
  [{ prefix: { tokens: 9 } }, 'turns: `prefix` is set, too'],
  [{ dataset: { form: 'prompt' } }, 'form prompt has single prompts'],
  [{ turns: turns({ history: 'recorded' }) }, 'turns.history: random prompts have no recorded answers'],
  [{ load: { mode: 'open', rate_per_s: 1 } }, 'turns: workload 4 has load.mode open, whose requests come whether'],
])('%j is refused', ({ load = { mode: 'closed', concurrency: 1 }, ...changes }: { load?: object }, message) => {
  const configuration = { turns: turns(), api: 'chat', prefix: null, dataset: null, ...changes } as Configuration;
  expect(() => refuseTurns(configuration, [{ index: 4, load: load as Workload['load'] }])).toThrow(message);
});
