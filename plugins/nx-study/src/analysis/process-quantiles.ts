import { absent, isAbsent } from '../base/known.ts';
import type { Absent } from '../base/known.ts';
import { quantile, sort, valuesNeeded } from '../base/quantile.ts';
import { finite, onScale } from './scale.ts';
import { summarise } from './summary.ts';
import type { Summary } from './summary.ts';
import { sampleReasons } from './texts.ts';

/** A quantile of requests over processes. */
export interface ProcessQuantiles {
  /** The quantile of each process, in their order. */
  each: (number | Absent)[];
  /**
   * Of the quantiles of those processes that have one, with Student's t interval on logarithms over processes. No interval
   * where a process has fewer than 10 requests beyond the quantile.
   */
  summary: Summary | Absent;
}

/**
 * Requests expected beyond the quantile that an interval needs. With fewer, sample quantiles are off by so much that an
 * interval over 10 processes had the true p99 in 86 of 100 simulations (200 requests each).
 */
const BEYOND = 10;

/**
 * A quantile of requests, for each process and over processes. Requests of one process share its luck, so they are never
 * pooled: what counts as a repetition is the process. The quantile is type 7 of Hyndman and Fan (1996).
 * @param processes - the positive values of the requests of each process.
 * @param p - above 0 and below 1.
 */
export function quantilesOverProcesses(processes: readonly (readonly number[])[], p: number): ProcessQuantiles {
  const each = processes.map((requests) => quantileOf(requests, p));
  const known = each.flatMap((one, index) => (isAbsent(one) ? [] : [{ quantile: one, index }]));
  const summary = summarise(
    known.map((one) => one.quantile),
    'ratio',
  );
  if (isAbsent(summary) || isAbsent(summary.interval)) return { each, summary };
  const fewest = Math.min(...known.map(({ index }) => processes[index]!.length));
  const needed = BEYOND * valuesNeeded(Math.max(p, 1 - p));
  if (fewest >= needed) return { each, summary };
  return { each, summary: { ...summary, interval: absent(sampleReasons.tooFewForProcesses(fewest, needed)) } };
}

/** Absent where no request can be expected beyond the quantile: p99 needs 100. */
function quantileOf(requests: readonly number[], p: number): number | Absent {
  const values = onScale(requests, 'difference');
  if (isAbsent(values)) return values;
  const needed = valuesNeeded(Math.max(p, 1 - p));
  return values.length < needed
    ? absent(sampleReasons.tooFewRequests(values.length, needed))
    : finite(quantile(sort(values), p));
}
