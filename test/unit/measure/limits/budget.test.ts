import { expect, test } from 'vitest';
import { nextAfter, outOfTime } from '../../../../plugins/nx-study/src/measure/limits/budget.ts';

const evening = new Date(2026, 10, 24, 22, 30);
const at = (hours: number, minutes: number, day = 25) => new Date(2026, 10, day, hours, minutes);

test('an hour of the clock is the next one after the start of the run', () => {
  expect(nextAfter(evening, '07:00')).toEqual(at(7, 0));
  expect(nextAfter(evening, '23:00')).toEqual(at(23, 0, 24));
  expect(nextAfter(evening, '22:30')).toEqual(at(22, 30));
});

test('nothing is started that would end too late, as far as is known', () => {
  const until = (now: Date, expected_s = 0) => outOfTime({ budget_s: null, until: '07:00' }, evening, expected_s, now);
  expect(until(at(6, 59))).toBeNull();
  expect(until(at(7, 1))).toMatch(/07:00/);
  expect(until(at(6, 59), 120)).toMatch(/07:00.*pending/);
});

test('a budget counts from the start of the run', () => {
  const budget = (now: Date, expected_s = 0) => outOfTime({ budget_s: 3600, until: null }, evening, expected_s, now);
  expect(budget(at(23, 29, 24))).toBeNull();
  expect(budget(at(23, 31, 24))).toMatch(/budget of 1 h 00 min.*pending/);
  expect(budget(at(23, 29, 24), 120)).toMatch(/budget/);
  expect(outOfTime({ budget_s: null, until: null }, evening, 1e9, at(23, 0))).toBeNull();
});
