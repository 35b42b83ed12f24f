import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { ServedWorkload } from '../../../../plugins/nx-study/src/kinds/llm-inference/schema.ts';
import { measureEndpoint } from '../../../helpers/endpoint.ts';
import { startFakeServer } from '../../../helpers/fake-server.ts';

const quick = {
  model: 'm',
  warmup: { min_iterations: 1, max_iterations: 1, min_s: 0 },
  measure: { requests: 6, min_s: 0, max_s: 60, tail: 'drain' },
  order: 'as-written',
};
const closed = (concurrency: number) => ({ mode: 'closed', concurrency });

test('lengths that are drawn are sent, the same for each load, and are facts; warm-up has their middle', async () => {
  const server = await startFakeServer();
  const behaviour = 'first=10,gap=1';
  const measured = await measureEndpoint({
    ...quick,
    url: server.url(behaviour),
    prompt_tokens: { uniform: [20, 40] },
    new_tokens: { uniform: [1, 6] },
    workloads: [{ load: closed(1) }, { load: closed(2) }],
  });
  expect(measured.failure).toBeNull();
  const [one, two] = measured.payload!.workloads as [ServedWorkload, ServedWorkload];
  const asked = ({ requests }: ServedWorkload) => requests.map((it) => [it.asked_prompt_tokens, it.asked_tokens]);
  expect(new Set(asked(one).map(String)).size).toBeGreaterThan(3);
  expect(asked(two)).toEqual(asked(one));
  for (const { requests } of [one, two])
    for (const it of requests)
      expect([it.prompt_tokens, it.new_tokens]).toEqual([it.asked_prompt_tokens, it.asked_tokens]);
  const log = await server.log(behaviour);
  // The first call and a round of the warm-up; then the first workload's requests.
  expect(log.slice(0, 2).map(({ prompt, body }) => [prompt.length, body['max_tokens']])).toEqual([
    [30, 4],
    [30, 4],
  ]);
  expect(log.slice(2, 8).map(({ prompt, body }) => [prompt.length, body['max_tokens']])).toEqual(asked(one));
  const facts = Object.fromEntries(measured.workloads[1]!.facts.map(({ name, value }) => [name, value]));
  expect(facts).toMatchObject({ prompt_tokens: 30, prompt_lengths: 'uniform(20, 40)', new_lengths: 'uniform(1, 6)' });
  const prompts = asked(two).map(([prompt]) => prompt!);
  expect(facts).toMatchObject({
    asked_prompt_tokens_min: Math.min(...prompts),
    asked_prompt_tokens_max: Math.max(...prompts),
  });
  expect(measured.workloads[1]!.name).toBe('closed 2: uniform(20, 40)+uniform(1, 6)');
});

test('conversations of a file go to the chat API as messages, and end by themselves', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'nx-study-contents-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'chats.jsonl');
  const chats = Array.from({ length: 12 }, (_, index) => [
    { role: 'system', content: 'be brief' },
    { role: 'user', content: `question ${index}` },
  ]);
  writeFileSync(file, chats.map((messages) => JSON.stringify({ messages })).join('\n'));
  const server = await startFakeServer();
  const behaviour = 'first=5,gap=1,tokens=3,finish=stop';
  const measured = await measureEndpoint({
    ...quick,
    url: server.url(behaviour),
    api: 'chat',
    dataset: { file, form: 'messages' },
    length: 'at-most',
    load: closed(1),
  });
  expect(measured.failure).toBeNull();
  const [workload] = measured.payload!.workloads as [ServedWorkload];
  expect(workload).toMatchObject({
    prompt_tokens: null,
    dataset: { file: 'chats.jsonl', form: 'messages', entries: 12, skipped: 0 },
    asked_lengths: { prompt_tokens: { file: 'chats.jsonl' }, new_tokens: 64 },
    warmup: { converged: null },
  });
  expect(measured.payload!.reasons['workloads.0.prompt_tokens']).toContain('tokenizer');
  const log = (await server.log(behaviour)).slice(2);
  const salts = log.map(({ messages }) => messages![0]!.content.replace(/ ?be brief$/, ''));
  expect(log.map(({ messages }) => messages![1])).toEqual(chats.slice(0, 6).map(([, question]) => question));
  expect(salts[0]!.split(' ')).toHaveLength(8);
  expect(new Set(salts).size).toBe(1);
  expect(workload.requests.map(({ prompt_tokens }) => prompt_tokens)).toEqual(log.map(({ prompt }) => prompt.length));
  expect(measured.workloads[0]!.name).toBe('closed 1: chats.jsonl+64');
});

test('shared beginnings: what a cache should hold is what this server says it holds, request by request', async () => {
  const server = await startFakeServer();
  const behaviour = 'first=5,gap=1,cached=1';
  const measured = await measureEndpoint({
    ...quick,
    url: server.url(behaviour),
    measure: { ...quick.measure, requests: 20 },
    prompt_tokens: 32,
    new_tokens: 2,
    prefix: { tokens: 16, pool: 3, share: 0.7 },
    load: closed(1),
  });
  expect(measured.failure).toBeNull();
  const [{ requests }] = measured.payload!.workloads as [ServedWorkload];
  const shared = requests.map(({ shared_tokens }) => shared_tokens);
  expect(new Set(shared)).toEqual(new Set([0, 16]));
  // The first call may have read one of them, too.
  const differing = requests.filter(({ usage, shared_tokens }) => usage!.cached_tokens !== shared_tokens);
  expect(differing.length).toBeLessThanOrEqual(1);
  const value = (name: string) => measured.workloads[0]!.metrics.find((metric) => metric.name === name)!.value;
  expect(value('expected_cached_percent')).toBeCloseTo((100 * shared.filter((tokens) => tokens === 16).length) / 40, 9);
  const codes = measured.workloads[0]!.findings.map(({ code }) => code);
  for (const code of ['prefix-hits-differ', 'prompt-cache']) expect(codes).not.toContain(code);
  expect(measured.workloads[0]!.name).toBe('closed 1: 32 (16 tokens, 1 of 3, 70 %)+2');
});

test('conversations: each turn has the server’s own answers before it, and latencies of its own', async () => {
  const server = await startFakeServer();
  const behaviour = 'first=10,gap=1';
  const measured = await measureEndpoint({
    ...quick,
    url: server.url(behaviour),
    api: 'chat',
    measure: { ...quick.measure, requests: 12 },
    prompt_tokens: 5,
    new_tokens: 2,
    turns: { count: 3 },
    // Texts of answers come from them, too.
    client_threads: 2,
    load: closed(2),
  });
  expect(measured.failure).toBeNull();
  const [workload] = measured.payload!.workloads as [ServedWorkload];
  expect(workload.turns).toEqual({ count: 3, think_s: 0, history: 'server' });
  expect(new Set(workload.requests.map(({ turn }) => turn))).toEqual(new Set([1, 2, 3]));
  const log = await server.log(behaviour);
  // Five words of each turn, two of each answer, one request for each turn in the log.
  for (const { turn, prompt_tokens } of workload.requests) expect(prompt_tokens).toBe(7 * turn! - 2);
  const long = log.find(({ messages }) => messages!.length === 5)!.messages!;
  expect(long.map(({ role }) => role)).toEqual(['user', 'assistant', 'user', 'assistant', 'user']);
  expect([long[1]!.content, long[3]!.content]).toEqual([' the the', ' the the']);
  const begun = log.find(({ messages }) => messages!.length === 1 && messages![0]!.content === long[0]!.content);
  expect(begun).toBeDefined();
  const { metrics, name } = measured.workloads[0]!;
  expect(name).toBe('closed 2: 5+2, 3 turns');
  const ofTurns = [1, 2, 3].map((turn) => metrics.find((metric) => metric.name === `ttft_turn_${turn}_s`)!.value);
  expect(ofTurns.every((value) => value! >= 0.01)).toBe(true);
  const counts = [1, 2, 3].map((turn) => metrics.find((metric) => metric.name === `e2e_turn_${turn}_n`)!.value!);
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(12);
});
