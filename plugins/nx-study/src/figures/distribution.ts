import { bin, extent } from 'd3-array';
import type { ScaleKind } from './axis.ts';

/** One bin, and how many values are in it; its upper end belongs to the next one. */
export interface Bin {
  low: number;
  high: number;
  count: number;
}

/** Bins of the same edges for several lists of values, of equal width on the scale. */
export function binsOf(lists: readonly (readonly number[])[], scale: ScaleKind = 'linear', wanted = 24): Bin[][] {
  const place = (value: number) => (scale === 'log' ? Math.log10(value) : value);
  const back = (value: number) => (scale === 'log' ? 10 ** value : value);
  const [low, high] = extent(lists.flat(), place) as [number, number];
  const width = (high - low) / wanted;
  const edges = width > 0 ? Array.from({ length: wanted - 1 }, (_, index) => low + (index + 1) * width) : [];
  const binned = bin<number, number>().value(place).domain([low, high]).thresholds(edges);
  return lists.map((values) =>
    binned([...values]).map((one) => ({ low: back(one.x0!), high: back(one.x1!), count: one.length })),
  );
}

/** The share of values that are at most `value`. */
export interface Step {
  value: number;
  share: number;
}

const MOST_STEPS = 200;

/** The empirical distribution function; of many values, the steps at evenly spaced shares, the last one included. */
export function stepsOf(values: readonly number[]): Step[] {
  const sorted = Float64Array.from(values).sort();
  const count = Math.min(sorted.length, MOST_STEPS);
  return Array.from({ length: count }, (_, index) => {
    const rank = Math.ceil(((index + 1) * sorted.length) / count);
    return { value: sorted[rank - 1]!, share: rank / sorted.length };
  });
}
