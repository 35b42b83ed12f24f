import { absent, isAbsent } from '../base/known.ts';
import type { Absent } from '../base/known.ts';
import { groupBy } from '../base/group-by.ts';
import { condense, mannKendall, theilSen } from './mann-kendall.ts';
import { momentsOf } from './moments.ts';
import { finite, onScale } from './scale.ts';
import { seriesReasons } from './texts.ts';

/** The value of a run; runs are given in the order in which they started. */
export interface Run {
  /** The experiment: runs of one group should have the same value. */
  group: string;
  /** null where it wasn't measured. */
  value: number | null;
}

export interface Drift {
  /** Runs that are judged. */
  n: number;
  /** Runs without a value, and those of experiments that ran once, which can't show a change. */
  dropped: number;
  /** Two-sided, of the Mann–Kendall test. */
  p: number;
  /** By how much the value changes from one run to the next, as a share of its experiment's mean. */
  slope_per_run: number;
}

/** Below it the normal approximation of the test isn't good enough. */
export const FEWEST_RUNS = 6;
/** Longer series are condensed to so many medians of stretches: the work grows with the square. */
const MOST_RUNS = 1000;

/**
 * Whether the machine became faster or slower over a study: Mann–Kendall test and Theil–Sen slope on each run's value
 * divided by the mean of its experiment.
 */
export function driftOf(runs: readonly Run[]): Drift | Absent {
  const measured = runs.flatMap(({ group, value }) => (value === null ? [] : [{ group, value }]));
  const groups = groupBy(measured, ({ group }) => group);
  const means = new Map<string, number>();
  for (const [group, members] of groups) {
    if (members.length < 2) continue;
    const values = onScale(
      members.map(({ value }) => value),
      'difference',
    );
    if (isAbsent(values)) return values;
    const { mean } = momentsOf(values);
    if (!(mean > 0)) return absent(seriesReasons.meanNotPositive(group));
    means.set(group, mean);
  }
  const series = measured.flatMap(({ group, value }) => (means.has(group) ? [value / means.get(group)!] : []));
  const n = series.length;
  if (n < FEWEST_RUNS) return absent(seriesReasons.tooFewRuns(n, FEWEST_RUNS));
  const condensed = condense(series, MOST_RUNS);
  const slope_per_run = finite(theilSen(condensed) * ((condensed.length - 1) / (n - 1)));
  if (isAbsent(slope_per_run)) return slope_per_run;
  return { n, dropped: runs.length - n, p: mannKendall(condensed).p, slope_per_run };
}
