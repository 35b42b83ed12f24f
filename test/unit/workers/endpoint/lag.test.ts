import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { watchLag } from '../../../../workers/endpoint/src/lag.ts';

test('a client that does not get to its appointments knows how late it was', async () => {
  const stop = watchLag();
  await sleep(30);
  for (const end = performance.now() + 150; performance.now() < end;);
  await sleep(30);
  const { max_s, p99_s, appointments, cpu_share } = stop();
  expect(max_s).toBeGreaterThan(0.1);
  expect(p99_s).toBe(max_s);
  expect(appointments).toBeGreaterThan(0);
  expect(cpu_share).toBeGreaterThan(0);
});

test('without an appointment there is no lag, not one of 0', () => {
  expect(watchLag()()).toMatchObject({ mean_s: null, p99_s: null, max_s: null, appointments: 0 });
});
