import { absent, isAbsent } from '../base/known.ts';
import type { Absent } from '../base/known.ts';
import { groupBy } from '../base/group-by.ts';
import { median } from '../base/quantile.ts';
import { condense, seasonalKendall, slopesOf } from './mann-kendall.ts';
import { momentsOf } from './moments.ts';
import { finite, onScale } from './scale.ts';
import { seriesReasons } from './texts.ts';
import { sum } from '../base/sum.ts';

/** A value of a run; runs are given in the order in which they started. */
export interface Run {
  /** The experiment: runs of one group should have the same value. */
  group: string;
  /** null where it wasn't measured. */
  value: number | null;
  /** Runs follow each other on one machine only; left out where there is one. */
  machine?: string | null;
  /** Equal for values of the same run; left out where each value is of another one. */
  run?: string;
  /** The part of the run that the value is of; left out where there is one. */
  workload?: string | null;
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
 * experiment only (Hirsch and Slack 1984). The slope is the median over all pairs of such runs (Theil, Sen).
 * What is compared is one value of each run: the mean over its workloads, each divided by the mean of that workload in its
 * experiment. Workloads of one run share what happened in it, so that each of them alone would count it once more. Testing
 * the values of several experiments as one series would find a drift too often, as those of one always have the mean 1.
 */
export function driftOf(values: readonly Run[]): Drift | Absent {
  const runs = placed(values);
  const all: number[][] = [];
  const slopes: number[] = [];
  let n = 0;
  for (const [group, members] of groupBy(runs, ({ group: of }) => of)) {
    const series = relative(group, members);
    if (isAbsent(series)) return series;
    if (series.length < 2) continue;
    n += series.length;
    const shares = condense(
      series.map(({ share }) => share),
      MOST_RUNS,
    );
    const positions = condense(
      series.map(({ position }) => position),
      MOST_RUNS,
    );
    all.push(shares);
    for (const slope of slopesOf(shares, positions)) slopes.push(slope);
  }
  if (n < FEWEST_RUNS) return absent(seriesReasons.tooFewRuns(n, FEWEST_RUNS));
  const slope_per_run = finite(median(slopes));
  if (isAbsent(slope_per_run)) return slope_per_run;
  return { n, dropped: runs.length - n, p: seasonalKendall(all).p, slope_per_run };
}

/** A run with all of its values, at its position on its machine. */
interface Placed {
  group: string;
  position: number;
  values: readonly Run[];
}

/** The runs in their order: those of several machines go on at the same time, and their clocks differ. */
function placed(values: readonly Run[]): Placed[] {
  const last = new Map<string | null, number>();
  const runs = groupBy([...values.entries()], ([index, { run }]) => (run === undefined ? `${index}` : `run ${run}`));
  return [...runs.values()].map((of) => {
    const { group, machine = null } = of[0]![1];
    const position = (last.get(machine) ?? -1) + 1;
    last.set(machine, position);
    return { group, position, values: of.map(([, one]) => one) };
  });
}

/** The runs of an experiment that have a value, with it as a share of what is usual for their workloads. */
function relative(group: string, runs: readonly Placed[]): { position: number; share: number }[] | Absent {
  const usual = new Map<string | null, number>();
  const measured = runs.flatMap(({ values }) => values.filter(({ value }) => value !== null));
  for (const [workload, of] of groupBy(measured, (one) => one.workload ?? null)) {
    // One value is usual by itself, and would only draw the run to the mean.
    if (of.length < 2) continue;
    const known = onScale(
      of.map(({ value }) => value!),
      'difference',
    );
    if (isAbsent(known)) return known;
    const { mean } = momentsOf(known);
    if (!(mean > 0)) return absent(seriesReasons.meanNotPositive(group));
    usual.set(workload, mean);
  }
  const found: { position: number; share: number }[] = [];
  for (const { position, values } of runs) {
    const shares = values.flatMap(({ value, workload = null }) => {
      const mean = usual.get(workload);
      return value === null || mean === undefined ? [] : value / mean;
    });
    if (shares.length === 0) continue;
    const share = finite(sum(shares) / shares.length);
    if (isAbsent(share)) return share;
    found.push({ position, share });
  }
  return found;
}
