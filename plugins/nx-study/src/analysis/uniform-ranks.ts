import { LEVEL } from './interval.ts';
import { pointwiseBand, simultaneousLevel, simultaneousP } from './simultaneous-band.ts';

/** Whether ranks are uniform, with what a figure needs. */
export interface RankTest {
  n: number;
  /** The chance of ranks that are at least as far from uniform at any point, if they are uniform. */
  p: number;
  points: EcdfPoint[];
}

/** The share of ranks below a point, less the share that is expected, with the ends of the band for all points at once. */
export interface EcdfPoint {
  /** The expected share, above 0 and below 1. */
  expected: number;
  difference: number;
  low: number;
  high: number;
}

/**
 * Tests ranks among `draws` draws, each from 0 to `draws`, for the uniform distribution on these `draws` + 1 numbers. The
 * points are all between two ranks, so nothing is lost to bins. Säilynoja et al. (2022), as in simultaneous-band.ts.
 * @param ranks - at least one.
 */
export function testRanks(ranks: readonly number[], draws: number): RankTest {
  const n = ranks.length;
  const { chances, low, high } = bandOf(n, draws);
  const counts = countsBelow(ranks, draws);
  return {
    n,
    p: simultaneousP(n, chances, counts),
    points: chances.map((expected, index) => ({
      expected,
      difference: counts[index]! / n - expected,
      low: low[index]! / n - expected,
      high: high[index]! / n - expected,
    })),
  };
}

/** How many ranks are below 1, 2, …, draws. */
function countsBelow(ranks: readonly number[], draws: number): number[] {
  const counts = Array.from({ length: draws }, () => 0);
  for (const rank of ranks) if (rank < draws) counts[rank]! += 1;
  for (let point = 1; point < draws; point += 1) counts[point]! += counts[point - 1]!;
  return counts;
}

const bands = new Map<string, ReturnType<typeof pointwiseBand> & { chances: number[] }>();

/** Of all quantities with as many fits; it takes a second for a thousand. */
function bandOf(n: number, draws: number) {
  const key = `${n} ${draws}`;
  const known = bands.get(key);
  if (known !== undefined) return known;
  const chances = Array.from({ length: draws }, (_, index) => (index + 1) / (draws + 1));
  const made = { chances, ...pointwiseBand(n, chances, simultaneousLevel(n, chances, LEVEL)) };
  bands.set(key, made);
  return made;
}
