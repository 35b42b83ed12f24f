import { condense, mannKendall } from '../../analysis/mann-kendall.ts';
import type { Finding } from '../../record/schema.ts';
import type { ServedWorkload } from './schema.ts';
import { inferenceFindings as texts } from './texts.ts';
import { sum } from '../../base/sum.ts';

const STRETCHES = 10;
const SIGNIFICANCE = 0.01;
/** Standard deviations of the difference between two counts of a server on which nothing waits. Chosen. */
const SIGMAS = 4;

/**
 * A server is overloaded when the number of requests under way, seen at each arrival, rises over the series (Mann–Kendall over
 * ten stretches, p < 0.01), and by more than it scatters by where nothing waits: there it is Poisson-distributed about its mean, so a
 * difference has twice that as variance; bursts scatter more. It counts from when the load was up; where it was up only after requests
 * were measured, they began below the asked load, which is a finding of its own. @param skipped - workloads that were left out for an overload.
 */
export function overloadFindings(workload: ServedWorkload, skipped: number): Finding[] {
  const { rate_per_s, requests, load, stopped_by } = workload;
  const settling = workload.settling.map(spanOf);
  const measured = requests.map(spanOf);
  const all = [...settling, ...measured];
  if (measured.length === 0 || all.some(({ end_s }) => end_s === Infinity) || rate_per_s === null) return [];
  const from_s = fromOf(workload, measured);
  const loaded_s = Math.max(from_s, loadedFrom({ settling, measured }, workload.settling_from_s ?? null, from_s));
  // Older workers don't tell when settling began, so which requests are of its first half is not quite known.
  const isTold = workload.settling_from_s !== undefined && settling.length > 0;
  const early = isTold && loaded_s > from_s ? [texts.notSettled(loaded_s - from_s)] : [];
  const underWay = underWayAt(all);
  const seen = underWay.filter(({ due_s }) => due_s >= loaded_s);
  if (stopped_by !== 'overloaded' && !isRising(seen, load?.mode === 'open' ? load.arrival_cv : 1)) return early;
  const to_s = latest(measured.map(({ due_s }) => due_s));
  const served = all.filter(({ end_s }) => end_s > from_s && end_s <= to_s).length / (to_s - from_s);
  return [
    ...early,
    texts.overloaded({
      asked: rate_per_s,
      served,
      waiting: underWay.at(-1)!.count,
      skipped: stopped_by === 'overloaded' ? skipped : 0,
    }),
  ];
}

/** When a request was due, and when it was over. */
interface Span {
  due_s: number;
  end_s: number;
}

const spanOf = ({ scheduled_s, start_s, done_s, end_s }: ServedWorkload['requests'][number]): Span => ({
  due_s: scheduled_s ?? start_s,
  end_s: start_s + (done_s ?? end_s ?? Infinity),
});

const latest = (times_s: readonly number[]): number =>
  times_s.reduce((most, time_s) => Math.max(most, time_s), -Infinity);

/** The end of settling; of older workers, which have no such window, the first arrival. */
const fromOf = ({ window }: ServedWorkload, measured: readonly Span[]): number =>
  window?.from_s ?? measured.reduce((first, { due_s }) => Math.min(first, due_s), Infinity);

/**
 * From when on a server on which nothing waits has as many requests under way as ever: all that settled in the first half have ended,
 * and the first one at least; where none settled, the first measured one has.
 */
function loadedFrom(
  { settling, measured }: Record<'settling' | 'measured', readonly Span[]>,
  settling_from_s: number | null,
  from_s: number,
): number {
  const [first = measured[0]!, ...others] = settling;
  const begin_s = settling_from_s ?? first.due_s;
  const early = others.filter(({ due_s }) => due_s <= (begin_s + from_s) / 2);
  return latest([first, ...early].map(({ end_s }) => end_s));
}

function isRising(seen: readonly { count: number }[], cv: number): boolean {
  if (seen.length < STRETCHES) return false;
  const means = condense(
    seen.map(({ count }) => count),
    STRETCHES,
  );
  const [first, last] = [means[0]!, means.at(-1)!];
  // By the mean of all: a first stretch that is low by chance tells too small a variance.
  const mean = sum(means) / means.length;
  const isFar = last - first > SIGMAS * Math.sqrt(2 * Math.max(1, mean) * Math.max(1, cv ** 2));
  return isFar && mannKendall(means).p < SIGNIFICANCE;
}

/** How many were under way, or waited to be sent, when each was due. */
function underWayAt(spans: readonly Span[]): { due_s: number; count: number }[] {
  const ends = spans.map(({ end_s }) => end_s).toSorted((a, b) => a - b);
  let ended = 0;
  return spans
    .map(({ due_s }) => due_s)
    .toSorted((a, b) => a - b)
    .map((due_s, came) => {
      while (ended < ends.length && ends[ended]! <= due_s) ended += 1;
      return { due_s, count: came - ended };
    });
}
