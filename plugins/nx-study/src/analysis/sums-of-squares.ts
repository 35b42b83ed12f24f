import { groupBy } from '../base/group-by.ts';
import type { Grid, GridValue } from './grid.ts';
import { sum } from '../base/sum.ts';

/** A source of variation: an axis, or two axes beyond the sum of their own effects. */
export interface Source {
  /** One or two. */
  axes: string[];
  squares: number;
  df: number;
}

export interface Decomposition {
  sources: Source[];
  /** Interactions of three axes or more, together; 0 for one or two axes. */
  higher: { squares: number; df: number };
  /** Between repetitions of the same combination. */
  residual: { squares: number; df: number };
  total: number;
}

/**
 * The classical analysis of variance of a complete balanced design (Fisher 1925; Montgomery, Design and analysis of
 * experiments, chapter 5): sums of squares around the means, which add up to the total.
 */
export function decompose({ axes, combinations, repetitions, rows }: Grid): Decomposition {
  const grand = meanOf(rows);
  const total = squaresOf(rows, () => grand);
  const positions = axes.map((_, index) => index);
  const mains = new Map(positions.map((axis) => [axis, meansBy(rows, [axis])]));
  const counts = positions.map((axis) => mains.get(axis)!.size);
  const effect = (axis: number, row: GridValue) => mains.get(axis)!.get(keyOf(row, [axis]))! - grand;
  const main = (axis: number): Source => ({
    axes: [axes[axis]!],
    squares: sum(rows.map((row) => effect(axis, row) ** 2)),
    df: counts[axis]! - 1,
  });
  const pair = (one: number, other: number): Source => {
    const means = meansBy(rows, [one, other]);
    const beyond = (row: GridValue) =>
      means.get(keyOf(row, [one, other]))! - grand - effect(one, row) - effect(other, row);
    return {
      axes: [axes[one]!, axes[other]!],
      squares: sum(rows.map((row) => beyond(row) ** 2)),
      df: (counts[one]! - 1) * (counts[other]! - 1),
    };
  };
  const sources = [
    ...positions.map(main),
    ...positions.flatMap((one) => positions.slice(one + 1).map((other) => pair(one, other))),
  ];
  const cells = meansBy(rows, positions);
  const residual = {
    squares: squaresOf(rows, (row) => cells.get(keyOf(row, positions))!),
    df: combinations * (repetitions - 1),
  };
  const rest = total - residual.squares - sum(sources.map(({ squares }) => squares));
  const df = combinations - 1 - sum(sources.map((source) => source.df));
  return { sources, higher: df > 0 ? { squares: Math.max(0, rest), df } : { squares: 0, df: 0 }, residual, total };
}

/** The mean for each combination of levels of some axes, by `keyOf`. */
export function meansBy(rows: readonly GridValue[], positions: readonly number[]): Map<string, number> {
  return new Map([...groupBy(rows, (row) => keyOf(row, positions))].map(([key, group]) => [key, meanOf(group)]));
}

const keyOf = ({ levels }: GridValue, positions: readonly number[]) =>
  JSON.stringify(positions.map((position) => levels[position]));

const meanOf = (rows: readonly GridValue[]) => sum(rows.map(({ value }) => value)) / rows.length;

const squaresOf = (rows: readonly GridValue[], center: (row: GridValue) => number) =>
  sum(rows.map((row) => (row.value - center(row)) ** 2));
