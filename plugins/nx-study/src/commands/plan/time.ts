import { groupBy } from '../../base/group-by.ts';
import type { MeasureTask } from '../../graph/task.ts';
import type { Execution } from '../../plan/types.ts';
import type { Estimate } from '../../state/estimate.ts';
import { gapsOf } from '../../state/gaps.ts';
import type { Next } from '../../state/states.ts';
import { sum } from '../../base/sum.ts';

/** Seconds. */
export interface Span {
  expected: number;
  low: number;
  high: number;
}

interface Costly {
  next: Next;
  estimate: Estimate | null;
  disk_bytes: number | null;
}

interface Timed extends Costly {
  lane: number;
}

/** The time of the lane that takes longest; null where nothing is to be measured, or a lane's time isn't known. */
export function longestLane(
  rows: readonly Timed[],
  toMeasure: readonly MeasureTask[],
  gap: Execution['gap'],
): Span | null {
  const lanes = groupBy(rows, ({ lane }) => lane);
  const times = [...lanes].map(([lane, own]) => {
    const tasks = toMeasure.filter((task) => task.lane === lane);
    const { measuring_s, without_estimate } = totals(own);
    if (tasks.length === 0) return { expected: 0, low: 0, high: 0 };
    if (measuring_s === null || without_estimate > 0) return null;
    const { gaps_s } = gapsOf(tasks, gap);
    const { expected, low, high } = measuring_s;
    return { expected: expected + gaps_s, low: low + gaps_s, high: high + gaps_s };
  });
  if (toMeasure.length === 0 || times.includes(null)) return null;
  return times.reduce((longest, one) => (one!.expected > longest!.expected ? one : longest));
}

/** What some measurements of a plan take together. */
export function totals(rows: readonly Costly[]): {
  measuring_s: Span | null;
  without_estimate: number;
  disk_bytes: number | null;
} {
  const toMeasure = rows.filter(({ next }) => next === 'measure');
  const estimates = toMeasure.flatMap(({ estimate }) => estimate ?? []);
  const sizes = toMeasure.flatMap(({ disk_bytes }) => disk_bytes ?? []);
  const all = (of: (estimate: Estimate) => number) => sum(estimates.map(of));
  return {
    disk_bytes: sizes.length === 0 ? null : sum(sizes),
    measuring_s:
      estimates.length === 0
        ? null
        : { expected: all((e) => e.median_s), low: all((e) => e.low_s), high: all((e) => e.high_s) },
    without_estimate: toMeasure.length - estimates.length,
  };
}
