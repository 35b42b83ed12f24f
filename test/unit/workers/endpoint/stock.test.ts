import { expect, test } from 'vitest';
import { plannedRequests, stockOf } from '../../../../workers/endpoint/src/stock.ts';

/** Makes requests that name their index, and notes which it made. */
function making() {
  const made: number[] = [];
  const make = (index: number) => {
    made.push(index);
    return { prompt: `prompt ${index}`, asked_tokens: 4, asked_prompt_tokens: 3, body: `body ${index}` };
  };
  return { made, make };
}

test('requests are there before they are taken, each once; what is beyond is made when it is taken', async () => {
  const { made, make } = making();
  const stock = stockOf(make, () => 3);
  await stock.fill(3);
  await stock.fill(2);
  expect(made).toEqual([0, 1, 2]);
  const taken = [0, 1, 2].map((index) => stock.take(index));
  expect(taken.map(({ body }) => body)).toEqual(['body 0', 'body 1', 'body 2']);
  // Their texts are counted, and not kept.
  expect(taken.map(({ prompt }) => prompt)).toEqual([{ tokens: 3 }, { tokens: 3 }, { tokens: 3 }]);
  expect(made).toHaveLength(3);
  expect(stock.take(7)).toEqual({ prompt: 'prompt 7', asked_tokens: 4, asked_prompt_tokens: 3, body: 'body 7' });
  await stock.fill(5);
  expect(made).toEqual([0, 1, 2, 7, 3, 4]);
});

test('token ids are counted when they are taken, those of several texts, too, and not kept', () => {
  const stock = stockOf(
    (index) => ({
      prompt: { inputs: [[1, 2], index === 0 ? [3] : 'text'] },
      asked_tokens: null,
      asked_prompt_tokens: 3,
      body: '',
    }),
    () => 3,
  );
  expect(stock.take(0).prompt).toEqual({ tokens: 3 });
  expect(stock.take(1).prompt).toEqual({ inputs: [[1, 2], 'text'] });
});

test('making ends where its time is over', async () => {
  const { made, make } = making();
  const slow = (index: number) => {
    for (const end = performance.now() + 30; performance.now() < end;);
    return make(index);
  };
  await stockOf(slow, () => null).fill(1000, 0.1);
  expect(made.length).toBeGreaterThan(0);
  expect(made.length).toBeLessThan(10);
});

test('as many are planned as the series will have: by their number, or by its time at the rate of the load', () => {
  const measure = { requests: 20, min_s: 10, max_s: 120 };
  const closed = { load: { mode: 'closed', concurrency: 4 }, trace: [] } as const;
  expect(plannedRequests(measure, closed, null)).toBe(24);
  // Four users, two rounds a second.
  expect(plannedRequests(measure, closed, 0.5)).toBe(1.2 * 80 + 4);
  expect(plannedRequests(measure, { load: { mode: 'open', rate_per_s: 5 }, trace: [] }, null)).toBe(1.2 * 50 + 1);
  // Those that arrive within a request's time keep the load for the last one.
  expect(plannedRequests(measure, { load: { mode: 'open', rate_per_s: 5 }, trace: [] }, 2)).toBe(1.2 * 50 + 11);
  const thinking = { load: { ...closed.load, think_s: 1.5 }, trace: [] } as const;
  expect(plannedRequests(measure, thinking, 0.5)).toBe(1.2 * 20 + 4);
  const line = { at_s: 0, prompt_tokens: 1, new_tokens: 1, prompt: null };
  expect(plannedRequests(measure, { load: { mode: 'replay', file: 't' }, trace: [line, line] }, 1)).toBe(2);
});
