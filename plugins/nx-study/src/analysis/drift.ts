import { absent, isAbsent } from '../base/known.ts';
import type { Absent } from '../base/known.ts';
import { groupBy } from '../base/group-by.ts';
import { median } from '../base/quantile.ts';
import { condense, seasonalKendall, slopesOf } from './mann-kendall.ts';
import { momentsOf, sum } from './moments.ts';
import { finite, onScale } from './scale.ts';
import { seriesReasons } from './texts.ts';

/** The value of a run; runs are given in the order in which they started. */
export interface Run {
  /** The experiment: runs of one group should have the same value. */
  group: string;
  /** null where it wasn't measured. */
  value: number | null;
  /** Runs follow each other on one machine only; left out where there is one. */
  machine?: string | null;
  /** Equal for values of the same run, such as those of its workloads; left out where each value is of another one. */
  run?: string;
}

export interface Drift {
  /** Runs that are judged. */
  n: number;
  /** Runs without a value, and those of experiments that ran once, which can't show a change. */
  dropped: number;
  /** Two-sided, of the seasonal Kendall test, with experiments as its seasons. */
  p: number;
  /** By how much the value changes from one run of a machine to its next, as a share of its experiment's mean. */
  slope_per_run: number;
}

/** Below it the normal approximation of the test isn't good enough. */
export const FEWEST_RUNS = 6;
/** Longer series of one experiment are condensed to so many medians of stretches: the work grows with the square. */
const MOST_RUNS = 1000;

/**
 * Whether the machine became faster or slower over a study. The test of Mann and Kendall compares runs of the same
 * experiment only (Hirsch and Slack 1984). The slope is the median over all pairs of such runs, each divided by the mean of
 * its experiment (Theil, Sen). Testing the divided values as one series would find a drift too often, as values of one
 * experiment always have the mean 1.
 */
export function driftOf(runs: readonly Run[]): Drift | Absent {
  const measured = placed(runs).flatMap(({ group, value, position }) =>
    value === null ? [] : [{ group, value, position }],
  );
  const groups = [...groupBy(measured, ({ group }) => group)].filter(([, members]) => members.length > 1);
  const n = sum(groups.map(([, members]) => members.length));
  if (n < FEWEST_RUNS) return absent(seriesReasons.tooFewRuns(n, FEWEST_RUNS));
  const all: number[][] = [];
  const slopes: number[] = [];
  for (const [group, members] of groups) {
    const values = onScale(
      condense(
        members.map(({ value }) => value),
        MOST_RUNS,
      ),
      'difference',
    );
    if (isAbsent(values)) return values;
    const { mean } = momentsOf(values);
    if (!(mean > 0)) return absent(seriesReasons.meanNotPositive(group));
    const positions = condense(
      members.map(({ position }) => position),
      MOST_RUNS,
    );
    all.push(values);
    for (const slope of slopesOf(
      values.map((value) => value / mean),
      positions,
    ))
      slopes.push(slope);
  }
  const slope_per_run = finite(median(slopes));
  if (isAbsent(slope_per_run)) return slope_per_run;
  return { n, dropped: runs.length - n, p: seasonalKendall(all).p, slope_per_run };
}

/** Runs with their positions on their machine: those of several go on at the same time, and their clocks differ. */
function placed(runs: readonly Run[]): (Run & { position: number })[] {
  const last = new Map<string | null, { run: string | undefined; position: number }>();
  return runs.map((one) => {
    const machine = one.machine ?? null;
    const { run, position: before } = last.get(machine) ?? { run: undefined, position: -1 };
    const isSame = one.run !== undefined && one.run === run;
    const position = isSame ? before : before + 1;
    last.set(machine, { run: one.run, position });
    return { ...one, position };
  });
}
