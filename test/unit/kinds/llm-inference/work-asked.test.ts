import { expect, test } from 'vitest';
import { llmInference } from '../../../../plugins/nx-study/src/kinds/llm-inference/index.ts';

const asksForAsMuch = llmInference.asksForAsMuch!;
const minutes = { measure: { requests: 20, min_s: 10, max_s: 120 }, warmup: { max_s: 60 }, prompt_tokens: 32 };

test('the time of a measurement says nothing of one that measures for longer, or more workloads', () => {
  expect(asksForAsMuch(minutes, { ...minutes, prompt_tokens: 512 })).toBe(true);
  expect(asksForAsMuch(minutes, { ...minutes, measure: { requests: 100_000, min_s: 3600, max_s: 7200 } })).toBe(false);
  expect(asksForAsMuch(minutes, { ...minutes, workloads: [{}, {}] })).toBe(false);
  expect(asksForAsMuch(minutes, { ...minutes, workloads: [{}] })).toBe(true);
});
