import { expect, test } from 'vitest';
import { plannedRequests, stockOf } from '../../../../workers/endpoint/src/stock.ts';

/** Makes requests that name their index, and notes which it made. */
function making() {
  const made: number[] = [];
  const make = (index: number) => {
    made.push(index);
    return { prompt: [index], body: `body ${index}` };
  };
  return { made, make };
}

test('requests are there before they are taken, each once; what is beyond is made when it is taken', async () => {
  const { made, make } = making();
  const stock = stockOf(make);
  await stock.fill(3);
  await stock.fill(2);
  expect(made).toEqual([0, 1, 2]);
  expect([0, 1, 2].map((index) => stock.take(index).body)).toEqual(['body 0', 'body 1', 'body 2']);
  expect(made).toHaveLength(3);
  expect(stock.take(7)).toEqual({ prompt: [7], body: 'body 7' });
  await stock.fill(5);
  expect(made).toEqual([0, 1, 2, 7, 3, 4]);
});

test('making ends where its time is over', async () => {
  const { made, make } = making();
  const slow = (index: number) => {
    for (const end = performance.now() + 30; performance.now() < end;);
    return make(index);
  };
  await stockOf(slow).fill(1000, 0.1);
  expect(made.length).toBeGreaterThan(0);
  expect(made.length).toBeLessThan(10);
});

test('as many are planned as the series will have: by their number, or by its time at the rate of the load', () => {
  const measure = { requests: 20, min_s: 10, max_s: 120 };
  const closed = { mode: 'closed', concurrency: 4 } as const;
  expect(plannedRequests(measure, closed, null)).toBe(24);
  // Four users, two rounds a second.
  expect(plannedRequests(measure, closed, 0.5)).toBe(1.2 * 80 + 4);
  expect(plannedRequests(measure, { mode: 'open', rate_per_s: 5 }, null)).toBe(1.2 * 50 + 1);
});
