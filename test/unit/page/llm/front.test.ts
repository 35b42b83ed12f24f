import { expect, test } from 'vitest';
import { frontOf } from '../../../../plugins/nx-study/src/page/llm/front.ts';

/** A latency and a throughput, each with half the width of its interval; null without one. */
const at = (name: string, x: number, y: number, half: number | null) => ({
  name,
  x: estimate(x, half),
  y: estimate(y, half),
});

const estimate = (value: number, half: number | null) => ({
  value,
  low: half === null ? null : value - half,
  high: half === null ? null : value + half,
  n: 3,
  points: [],
});

test('clear is what nothing else can beat in both, behind is what something beats in both; all by intervals', () => {
  const points = [at('soon', 1, 10, 0.1), at('fast', 5, 50, 0.1), at('poor', 6, 5, 0.1), at('near', 5.1, 49.9, 0.1)];
  expect(frontOf(points)).toEqual({ clear: ['soon'], behind: ['poor'], unclear: ['fast', 'near'] });
});

test('a point that is worse in one quantity and not told apart in the other is not said to be behind', () => {
  expect(frontOf([at('one', 1, 10, 0.5), at('other', 1.2, 5, 0.5)])).toEqual({
    clear: ['one'],
    behind: [],
    unclear: ['other'],
  });
});

test('without intervals nothing is clear, and missing ones of another point count, too', () => {
  expect(frontOf([at('one', 1, 10, null), at('other', 2, 5, null)]).unclear).toEqual(['one', 'other']);
  expect(frontOf([at('one', 1, 10, null), at('other', 2, 5, 0.1)]).behind).toEqual([]);
});
