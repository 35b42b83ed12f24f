import { array, assert, constantFrom, double, property } from 'fast-check';
import { expect, test } from 'vitest';
import { summarise } from '../../../plugins/nx-study/src/analysis/summary.ts';
import { expectFinite, expectInterval, expectNear, fixtures, present } from './fixtures.ts';

test.each(fixtures.summaries)('as SciPy has it: $name', ({ values, mean, median, sd, interval }) => {
  const plain = present(summarise(values, 'difference'));
  expect(plain).toMatchObject({ n: values.length, min: Math.min(...values), max: Math.max(...values) });
  expectNear(plain.mean, mean);
  expectNear(plain.median, median);
  expectNear(plain.sd, sd);
  expectNear(plain.center, mean);
  expectInterval(plain.interval, interval);
  expect(plain.interval).toMatchObject({ level: 0.95, kind: 't' });
});

const positive = fixtures.summaries.flatMap(({ name, values, logs }) =>
  logs === null ? [] : [{ name, values, logs }],
);

test.each(positive)('on logarithms, as SciPy has it: $name', ({ values, logs }) => {
  const { center, interval } = present(summarise(values, 'ratio'));
  expectNear(center, logs.center);
  expectInterval(interval, logs.interval);
  expect(interval).toMatchObject({ level: 0.95, kind: 't-of-logs' });
});

test('no interval below 3 repetitions: the points only', () => {
  expect(summarise([2, 8], 'ratio')).toMatchObject({
    n: 2,
    mean: 5,
    median: 5,
    center: expect.closeTo(4, 12),
    interval: { value: null, reason: 'no interval below 3 repetitions; there are 2' },
  });
  expect(summarise([2], 'difference')).toMatchObject({
    center: 2,
    sd: { value: null, reason: 'one repetition has no spread' },
    interval: { value: null, reason: 'no interval below 3 repetitions; there are 1' },
  });
});

test('no values, and values that are no numbers, have a reason instead of numbers', () => {
  expect(summarise([], 'ratio')).toEqual({ value: null, reason: 'no repetition has a value' });
  expect(summarise([1, NaN, 2], 'ratio')).toEqual({ value: null, reason: 'a value is not a finite number' });
});

test('equal repetitions have no interval, instead of one without width', () => {
  for (const scale of ['ratio', 'difference'] as const)
    expect(summarise([0.3, 0.1 + 0.2, 0.3], scale)).toMatchObject({
      center: expect.closeTo(0.3, 12),
      interval: { value: null, reason: expect.stringContaining('agree to 12 digits') },
    });
});

test('zeros have no geometric mean', () => {
  expect(summarise([0, 1, 2], 'ratio')).toMatchObject({
    mean: 1,
    center: { value: null, reason: expect.stringContaining('one is 0') },
    interval: { value: null },
  });
  expect(present(summarise([0, 1, 2], 'difference')).interval).toHaveProperty('low');
});

const scale = constantFrom('ratio' as const, 'difference' as const);

test('property: no NaN and no infinity for any numbers', () => {
  assert(property(array(double(), { maxLength: 8 }), scale, (values, scale) => expectFinite(summarise(values, scale))));
});

test('property: order does not matter, and the unit scales all', () => {
  assert(
    property(array(double({ min: 0.01, max: 100, noNaN: true }), { minLength: 3 }), scale, (values, scale) => {
      const one = present(summarise(values, scale));
      const back = present(summarise(values.toReversed(), scale));
      const scaled = present(
        summarise(
          values.map((value) => value * 1000),
          scale,
        ),
      );
      if (!('low' in one.interval)) return;
      const { low, high } = present(one.interval);
      expect(present(back.interval).low).toBeCloseTo(low, 8);
      expect(present(scaled.interval).low / 1000).toBeCloseTo(low, 8);
      expect(present(scaled.interval).high / high).toBeCloseTo(1000, 5);
      expect(low).toBeLessThanOrEqual(present(one.center));
      expect(high).toBeGreaterThanOrEqual(present(one.center));
    }),
  );
});
