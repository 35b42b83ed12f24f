import { expect, test } from 'vitest';
import { watchClock } from '../../../plugins/nx-study/src/machine/clock.ts';

function watched() {
  const now = { wall: 1_700_000_000, steady: 100 };
  const watch = watchClock({ wall: () => now.wall, steady: () => now.steady });
  const pass = (steady: number, wall = steady) => {
    now.steady += steady;
    now.wall += wall;
    watch.tick();
  };
  return { watch, pass };
}

test('a clock that is set is told with its direction, and from one look to the next', () => {
  const { watch, pass } = watched();
  pass(1);
  pass(1, -3599);
  expect(watch.set_s()).toBe(-3600);
  pass(1);
  pass(1, 61);
  expect(watch.set_s()).toBe(-3540);
});

test('a clock that is slewed for hours was not set', () => {
  const { watch, pass } = watched();
  for (let second = 0; second < 20_000; second += 1) pass(1, 1.0005);
  expect(watch.set_s()).toBe(0);
});

test('a second that is missing in the uptime is no setting', () => {
  const { watch, pass } = watched();
  pass(0, 1.9);
  pass(2, 0.1);
  expect(watch.set_s()).toBe(0);
});

test("this machine's clock was not set just now", () => {
  const watch = watchClock();
  watch.ended();
  expect(watch.set_s()).toBe(0);
});
