import { condense, mannKendall } from '../../analysis/mann-kendall.ts';
import type { Finding } from '../../record/schema.ts';
import type { ServedWorkload } from './schema.ts';
import { inferenceFindings as texts } from './texts.ts';

const STRETCHES = 10;
const SIGNIFICANCE = 0.01;
/** Standard deviations of the difference between two counts of a server on which nothing waits. Chosen. */
const SIGMAS = 4;

/**
 * A server is overloaded when the number of requests under way, seen at each arrival, rises over the series (Mann–Kendall over
 * ten stretches, p < 0.01), and by more than it scatters by where nothing waits: there it is Poisson-distributed, so a difference has
 * twice its variance; bursts scatter more. @param skipped - workloads that were left out for that.
 */
export function overloadFindings(workload: ServedWorkload, skipped: number): Finding[] {
  const { rate_per_s, requests, load, stopped_by } = workload;
  const ends = requests.map(({ start_s, done_s, end_s }) => start_s + (done_s ?? end_s ?? Infinity));
  const due = requests.map(({ scheduled_s, start_s }) => scheduled_s ?? start_s);
  if (requests.length < STRETCHES || ends.some((end_s) => end_s === Infinity) || rate_per_s === null) return [];
  const counts = underWayAt(due, ends);
  const means = condense(counts, STRETCHES);
  const [first, last] = [means[0]!, means.at(-1)!];
  const cv = load?.mode === 'open' ? load.arrival_cv : 1;
  const isFar = last - first > SIGMAS * Math.sqrt(2 * Math.max(1, first) * Math.max(1, cv ** 2));
  if (stopped_by !== 'overloaded' && !(isFar && mannKendall(means).p < SIGNIFICANCE)) return [];
  const end_s = due.reduce((latest, time_s) => Math.max(latest, time_s), -Infinity);
  const begin_s = due.reduce((earliest, time_s) => Math.min(earliest, time_s), Infinity);
  const served = ends.filter((time_s) => time_s <= end_s).length / (end_s - begin_s);
  return [
    texts.overloaded({
      asked: rate_per_s,
      served,
      waiting: counts.at(-1)!,
      skipped: stopped_by === 'overloaded' ? skipped : 0,
    }),
  ];
}

/** How many were under way, or waited to be sent, when each was due; both lists are of the same requests. */
function underWayAt(due: readonly number[], ends: readonly number[]): number[] {
  const sortedEnds = ends.toSorted((a, b) => a - b);
  let ended = 0;
  return due
    .toSorted((a, b) => a - b)
    .map((time_s, came) => {
      while (ended < sortedEnds.length && sortedEnds[ended]! <= time_s) ended += 1;
      return came - ended;
    });
}
