import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { watchCpu, watchLag, worstOf } from '../../../../workers/endpoint/src/lag.ts';
import type { Lag } from '../../../../workers/endpoint/src/lag.ts';

test('a client that does not get to its appointments knows how late it was', async () => {
  const [stop, stopCpu] = [watchLag(), watchCpu()];
  await sleep(30);
  for (const end = performance.now() + 150; performance.now() < end;);
  await sleep(30);
  const { max_s, p99_s, appointments, busy_share } = stop();
  expect(max_s).toBeGreaterThan(0.1);
  expect(p99_s).toBe(max_s);
  expect(appointments).toBeGreaterThan(0);
  expect(stopCpu()).toBeGreaterThan(0);
  expect(busy_share).toBeGreaterThan(0.1);
  expect(busy_share).toBeLessThanOrEqual(1);
});

test('without an appointment there is no lag, not one of 0', () => {
  expect(watchLag()()).toMatchObject({ mean_s: null, p99_s: null, max_s: null, appointments: 0 });
});

test('a client of several threads is as late as the worst of them', () => {
  const lag = (by: number): Lag => ({
    mean_s: by,
    p99_s: 2 * by,
    max_s: 3 * by,
    appointments: 100 * by,
    busy_share: by,
  });
  const none = { mean_s: null, p99_s: null, max_s: null, appointments: 0, busy_share: 0 };
  const [main, one, other] = [lag(0.25), lag(0.125), { ...lag(0.0625), busy_share: 0.75 }];
  expect(worstOf(main, [], 0.5)).toEqual({ ...main, cpu_share: 0.5, threads: 1, each: [] });
  expect(worstOf(one, [main, other], 1.5)).toEqual({
    mean_s: 0.25,
    p99_s: 0.5,
    max_s: 0.75,
    appointments: 6.25,
    busy_share: 0.75,
    cpu_share: 1.5,
    threads: 2,
    each: [one, main, other],
  });
  expect(worstOf(none, [lag(0.25), none], 0)).toMatchObject({ mean_s: 0.25, max_s: 0.75, appointments: 0 });
  expect(worstOf(none, [none], 0).p99_s).toBeNull();
});
