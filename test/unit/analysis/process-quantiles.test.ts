import { expect, test } from 'vitest';
import { quantilesOverProcesses } from '../../../plugins/nx-study/src/analysis/process-quantiles.ts';
import { expectInterval, expectNear, fixtures, present } from './fixtures.ts';

test('as NumPy and SciPy have it: a quantile of each process, and t on logarithms over processes', () => {
  const { processes, p, each, center, interval } = fixtures.quantiles;
  const found = quantilesOverProcesses(processes, p);
  expect(found.each.length).toBe(4);
  for (const [index, value] of found.each.entries()) expectNear(value, each[index]!);
  const summary = present(found.summary);
  expect(summary.n).toBe(4);
  expectNear(summary.center, center);
  expectInterval(summary.interval, interval);
});

test('requests are never pooled: two processes have no interval, however many requests they have', () => {
  const many = Array.from({ length: 1000 }, (_, index) => 1 + index / 1000);
  expect(present(quantilesOverProcesses([many, many], 0.5).summary).interval).toMatchObject({
    reason: 'no interval below 3 repetitions; there are 2',
  });
});

test('an interval needs 10 requests beyond the quantile, in each process', () => {
  const some = (count: number, factor: number) => Array.from({ length: count }, (_, index) => factor * (1 + index));
  const intervalOf = (count: number) =>
    present(quantilesOverProcesses([some(1000, 1), some(count, 1.1), some(2000, 1.2)], 0.99).summary).interval;
  expect(intervalOf(999)).toEqual({
    value: null,
    reason: 'an interval of this quantile needs 1000 requests of each process; one has 999',
  });
  expect(intervalOf(1000)).toHaveProperty('low');
});

test('a process with too few requests has no quantile, and is not counted', () => {
  const few = Array.from({ length: 99 }, (_, index) => index + 1);
  const found = quantilesOverProcesses([few, [...few, 100], [...few, NaN]], 0.99);
  expect(found.each).toEqual([
    { value: null, reason: 'this quantile needs 100 requests; the process has 99' },
    expect.closeTo(99.01, 10),
    { value: null, reason: 'a value is not a finite number' },
  ]);
  expect(found.summary).toMatchObject({ n: 1 });
  expect(quantilesOverProcesses([[1, 2]], 0.1).each).toEqual([
    { value: null, reason: expect.stringContaining('needs 10') },
  ]);
  expect(quantilesOverProcesses([], 0.5)).toEqual({ each: [], summary: { value: null, reason: expect.any(String) } });
});
