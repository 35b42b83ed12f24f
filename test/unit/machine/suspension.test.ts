import { expect, test } from 'vitest';
import {
  readSleepAndWake,
  watchClocks,
  watchMac,
  watchSuspension,
} from '../../../plugins/nx-study/src/machine/suspension.ts';

test('the boot-time clock went on while the monotonic one stood still', () => {
  const clocks = { boot: 5000, monotonic: 100 };
  const pass = (seconds: number, awake = seconds) => {
    clocks.boot += seconds;
    clocks.monotonic += awake;
  };
  const watch = watchClocks({ boot: () => clocks.boot, monotonic: () => clocks.monotonic });
  pass(60);
  watch.tick();
  expect(watch.suspended_s()).toBe(0);
  pass(300, 2);
  pass(60);
  pass(100, 1);
  watch.ended();
  expect(watch.suspended_s()).toBe(397);
  expect(watch.counted_s()).toBe(0);
});

test('clocks that are read one after the other differ a little: that is no suspension', () => {
  let boot = 10;
  const watch = watchClocks({ boot: () => boot, monotonic: () => 3 });
  boot += 1.9;
  watch.tick();
  expect(watch.suspended_s()).toBe(0);
});

test('this machine was not suspended just now', () => {
  const watch = watchSuspension();
  watch.tick();
  expect(watch.suspended_s()).toBe(0);
});

test('macOS: a look that comes late asks when the machine slept, and each sleep counts once', () => {
  let now = 1000;
  let asked = 0;
  const last = { sleep: 900, wake: 950 };
  const watch = watchMac(
    () => {
      asked += 1;
      return last;
    },
    () => now,
  );
  now += 1;
  watch.tick();
  expect(asked).toBe(0);
  // Late, but by another cause: the last sleep was before.
  now += 30;
  watch.tick();
  expect([asked, watch.suspended_s()]).toEqual([1, 0]);
  Object.assign(last, { sleep: now + 10, wake: now + 310 });
  now += 312;
  watch.tick();
  expect(watch.suspended_s()).toBe(300);
  now += 20;
  watch.tick();
  expect(watch.suspended_s()).toBe(300);
  expect(watch.counted_s()).toBe(300);
});

test('what macOS says', () => {
  const text =
    '{ sec = 1732500000, usec = 500000 } Mon Nov 25 02:00:00 2024\n{ sec = 1732503600, usec = 0 } Mon Nov 25 03:00:00 2024\n';
  expect(readSleepAndWake(text)).toEqual({ sleep: 1_732_500_000.5, wake: 1_732_503_600 });
  expect(readSleepAndWake('')).toBeNull();
});
