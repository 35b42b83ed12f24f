import { expect, test } from 'vitest';
import { llmInference } from '../../../../plugins/nx-study/src/kinds/llm-inference/index.ts';

const asksForAsMuch = llmInference.asksForAsMuch!;
const minutes = { measure: { requests: 20, min_s: 10, max_s: 120 }, warmup: { max_s: 60 }, prompt_tokens: 32 };

test('the time of a measurement says nothing of one that measures for longer, or more workloads', () => {
  expect(asksForAsMuch(minutes, { ...minutes, backend: 'cuda' })).toBe(true);
  expect(asksForAsMuch(minutes, { ...minutes, measure: { requests: 100_000, min_s: 3600, max_s: 7200 } })).toBe(false);
  expect(asksForAsMuch(minutes, { ...minutes, workloads: [{}, {}] })).toBe(false);
  expect(asksForAsMuch(minutes, { ...minutes, workloads: [{}] })).toBe(true);
});

test('nor of one whose calls are longer, in whichever workload', () => {
  expect(asksForAsMuch(minutes, { ...minutes, prompt_tokens: 512 })).toBe(false);
  expect(asksForAsMuch({ ...minutes, new_tokens: 8 }, { ...minutes, new_tokens: 2048 })).toBe(false);
  const two = (longer: number) => ({ ...minutes, workloads: [{ new_tokens: 8 }, { new_tokens: longer }] });
  expect(asksForAsMuch(two(16), two(16))).toBe(true);
  expect(asksForAsMuch(two(16), two(2048))).toBe(false);
  expect(asksForAsMuch(minutes, { ...minutes, workloads: [{ prompt_tokens: 32, new_tokens: null }] })).toBe(true);
  expect(asksForAsMuch(minutes, { ...minutes, workloads: [{ prompt_tokens: null }] })).toBe(true);
});

test('nor of one with a longer window of energy, or another trace', () => {
  const window = (window_s: number) => ({ ...minutes, energy: { window_s } });
  expect(asksForAsMuch(window(10), window(600))).toBe(false);
  const replay = (file: string, speed = 1) => ({ ...minutes, load: { mode: 'replay', file, speed } });
  expect(asksForAsMuch(replay('a'), replay('a'))).toBe(true);
  expect(asksForAsMuch(replay('a'), replay('b'))).toBe(false);
  expect(asksForAsMuch(replay('a'), replay('a', 0.1))).toBe(false);
  const open = (rate_per_s: number) => ({ ...minutes, load: { mode: 'open', rate_per_s } });
  expect(asksForAsMuch(open(1), open(2))).toBe(true);
});
