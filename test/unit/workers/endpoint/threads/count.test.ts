import { expect, test } from 'vitest';
import type { Load } from '../../../../../workers/endpoint/src/config.ts';
import { threadsFor } from '../../../../../workers/endpoint/src/threads/count.ts';

const CORES = 8;
const count = (load: Load, new_tokens = 128, asked: number | null = null, cores = CORES) =>
  threadsFor({ load, new_tokens, trace: [] }, asked, cores);

test('few users and few arrivals need one thread; many have more, up to the cores', () => {
  expect([1, 64, 512, 513, 2048].map((concurrency) => count({ mode: 'closed', concurrency }))).toEqual([1, 1, 1, 2, 4]);
  expect(count({ mode: 'closed', concurrency: 2048 }, 128, null, 2)).toBe(2);
  expect(count({ mode: 'closed', concurrency: 65_536 })).toBe(CORES);
  expect([2, 429, 430, 10_000].map((rate_per_s) => count({ mode: 'open', rate_per_s }))).toEqual([1, 1, 2, CORES]);
  expect(count({ mode: 'open', rate_per_s: 400 }, 16)).toBe(1);
});

test('what the configuration names is what is used', () => {
  expect(count({ mode: 'closed', concurrency: 1 }, 128, 3)).toBe(3);
  expect(count({ mode: 'closed', concurrency: 2048 }, 128, 1)).toBe(1);
});

test('a trace is counted by its mean rate; one whose requests are all due at once has none', () => {
  const trace = (...times_s: number[]) =>
    times_s.map((at_s) => ({ at_s, prompt_tokens: 8, new_tokens: 100, prompt: null }));
  const load: Load = { mode: 'replay', file: 'day.jsonl', speed: 1000 };
  expect(threadsFor({ load, new_tokens: 100, trace: trace(0, 1, 2) }, null, CORES)).toBe(2);
  expect(threadsFor({ load, new_tokens: 100, trace: trace(1, 1) }, null, CORES)).toBe(1);
});
