import { expect, test } from 'vitest';
import { saturationOf } from '../../../../plugins/nx-study/src/page/llm/saturation.ts';

const estimate = (value: number | null, half: number | null = 0.001) => ({
  value,
  low: value === null || half === null ? null : value - half,
  high: value === null || half === null ? null : value + half,
  n: 3,
  points: [],
});
const rung = (load: number, throughput: number | null, latency: number, half?: number | null) => ({
  load,
  throughput: estimate(throughput, half),
  latency: estimate(latency, half),
});
const loadsOf = (found: ReturnType<typeof saturationOf>) =>
  found && [found.before.load, found.from.load, found.isClear];

test('the first step after which throughput stays, while the first token takes longer than the load explains', () => {
  expect(loadsOf(saturationOf([rung(1, 50, 0.1), rung(2, 98, 0.1), rung(4, 102, 0.5), rung(8, 101, 1.2)]))).toEqual([
    2,
    4,
    true,
  ]);
});

test('neither a dip that more load makes good, nor flat throughput with a first token in time, nor a small step is one', () => {
  expect(saturationOf([rung(1, 50, 0.1), rung(2, 50, 0.5), rung(4, 100, 0.6)])).toBeNull();
  expect(saturationOf([rung(1, 50, 0.1), rung(2, 50, 0.15)])).toBeNull();
  expect(saturationOf([rung(100, 50, 0.1), rung(104, 51, 0.5)])).toBeNull();
});

test('it is not clear without intervals, or where they overlap; what has no value is no step', () => {
  expect(loadsOf(saturationOf([rung(1, 50, 0.1, null), rung(2, 50, 0.5, null)]))).toEqual([1, 2, false]);
  expect(loadsOf(saturationOf([rung(1, 50, 0.1, 0.3), rung(2, 50, 0.5, 0.3)]))).toEqual([1, 2, false]);
  expect(loadsOf(saturationOf([rung(1, 50, 0.1), rung(2, null, 0.2), rung(4, 51, 0.9)]))).toEqual([1, 4, true]);
  expect(saturationOf([])).toBeNull();
});
