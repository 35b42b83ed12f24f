import { median } from '../base/quantile.ts';
import { normalTail } from './normal.ts';

export interface MannKendall {
  /** Pairs that rise less pairs that fall. */
  s: number;
  variance: number;
  z: number;
  /** Two-sided. */
  p: number;
}

/**
 * Mann (1945), Kendall (1975): a rank test against a monotonic trend, with the correction of the variance for ties and
 * that of z for continuity.
 */
export const mannKendall = (series: readonly number[]): MannKendall => seasonalKendall([series]);

/**
 * Hirsch and Slack (1984), A nonparametric trend test for seasonal data: the test of Mann and Kendall on several series at
 * once. Values are compared within a series only, so the series may have levels of their own.
 */
export function seasonalKendall(all: readonly (readonly number[])[]): MannKendall {
  let [s, variance] = [0, 0];
  for (const series of all) {
    s += risesOf(series);
    variance += varianceOf(series);
  }
  const z = variance > 0 ? (s - Math.sign(s)) / Math.sqrt(variance) : 0;
  return { s, variance, z, p: Math.min(1, 2 * normalTail(Math.abs(z))) };
}

function risesOf(series: readonly number[]): number {
  let s = 0;
  for (let j = 1; j < series.length; j += 1) for (let i = 0; i < j; i += 1) s += Math.sign(series[j]! - series[i]!);
  return s;
}

function varianceOf(series: readonly number[]): number {
  const weight = (count: number) => count * (count - 1) * (2 * count + 5);
  const counts = new Map<number, number>();
  for (const value of series) counts.set(value, (counts.get(value) ?? 0) + 1);
  const ties = [...counts.values()].reduce((total, count) => total + weight(count), 0);
  return (weight(series.length) - ties) / 18;
}

/** Median of the slopes between all pairs, in units of the series per step: Theil (1950), Sen (1968). */
export const theilSen = (series: readonly number[]): number => median(slopesOf(series, [...series.keys()]));

/** The slopes between all pairs of values, with the positions at which they were found. */
export function slopesOf(values: readonly number[], positions: readonly number[]): number[] {
  const slopes: number[] = [];
  for (let j = 1; j < values.length; j += 1)
    for (let i = 0; i < j; i += 1) slopes.push((values[j]! - values[i]!) / (positions[j]! - positions[i]!));
  return slopes;
}

/** Medians of consecutive stretches of nearly equal length. */
export function condense(series: readonly number[], most: number): number[] {
  if (series.length <= most) return [...series];
  return Array.from({ length: most }, (_, index) => {
    const from = Math.floor((index * series.length) / most);
    const to = Math.floor(((index + 1) * series.length) / most);
    return median(series.slice(from, to));
  });
}
