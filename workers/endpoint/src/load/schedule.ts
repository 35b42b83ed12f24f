import { Unsupported } from '../../../kits/node/index.ts';
import type { Workload } from '../client.ts';
import type { Load } from '../config.ts';
import { arrivals } from './arrivals.ts';

/** When the requests of an open loop are due. */
export interface Schedule {
  /**
   * For how long unmeasured requests bring the load up: at least, and at most where those of the first half have not ended by then.
   * Where nothing waits in a server they have after twice the time that a request takes under that load, and as many end as arrive.
   */
  settle_s: { least: number; most: number };
  /** Those requests: after how many seconds from the beginning each is due. */
  settling: Iterable<number>;
  /** The times between arrivals go on from the last one of settling, and not from its end. */
  goesOn: boolean;
  /** The measured ones, and those that keep the load for them: after how many seconds from the end of settling. */
  due: Iterable<number>;
  /** How many there are; null: as many as measuring takes. */
  count: number | null;
  /** More are never under way. */
  most: number;
}

/** What tells when the requests of a workload arrive. */
type Arriving = Pick<Workload, 'index' | 'load' | 'trace'>;

interface Asked {
  seed: number;
  min_s: number;
  /** About as long as a request takes, without load. */
  request_s: number;
  /** For so long requests are measured at most. */
  max_s: number;
}

const REQUESTS_TO_SETTLE = 2;
// Chosen: under load a request of a server on which nothing waits takes up to ten times as long as without.
const MOST_TIMES = 10;

/** Without `load.mode: closed`. */
export function scheduleOf({ index, load, trace }: Arriving, { seed, min_s, request_s, max_s }: Asked): Schedule {
  if (load.mode === 'closed') throw new Error('a closed loop has no schedule');
  const most = load.max_in_flight ?? Infinity;
  if (load.mode === 'replay')
    return {
      settle_s: { least: 0, most: 0 },
      settling: [],
      goesOn: false,
      due: traced(load, trace),
      count: trace.length,
      most,
    };
  const { rate_per_s, arrival_cv: cv = 1, ramp_s = 0 } = load;
  const key = { seed, workload: index };
  const settled_s = (times: number) => ramp_s + REQUESTS_TO_SETTLE * times * request_s;
  const least = Math.max(min_s, settled_s(1));
  return {
    settle_s: { least, most: Math.max(least, Math.min(max_s, settled_s(MOST_TIMES))) },
    settling: arrivals({ rate_per_s, cv, ramp_s }, { ...key, part: 'settling' }),
    // All but a Poisson process remember the last arrival.
    goesOn: cv !== 1,
    due: arrivals({ rate_per_s, cv, ramp_s: 0 }, { ...key, part: 'arrival' }),
    count: null,
    most,
  };
}

const traced = ({ speed = 1 }: Extract<Load, { mode: 'replay' }>, trace: Workload['trace']): number[] =>
  trace.map(({ at_s }) => at_s / speed);

/** How many requests settle at least. */
export function fewestSettling({ settling, settle_s }: Pick<Schedule, 'settling' | 'settle_s'>): number {
  let count = 0;
  for (const due_s of settling) {
    if (due_s > settle_s.least) break;
    count += 1;
  }
  return count;
}

function* firstOf<T>(values: Iterable<T>): Generator<T> {
  for (const value of values) return yield value;
}

/** @throws Unsupported for an open loop whose first request is due only after the last moment at which one may start. */
export function refuseWithoutArrival(workload: Arriving, seed: number, max_s: number): void {
  const { index, load } = workload;
  if (load.mode === 'closed') return;
  const [first_s = Infinity] = firstOf(scheduleOf(workload, { seed, min_s: 0, request_s: 0, max_s }).due);
  if (first_s <= max_s) return;
  const asked = load.mode === 'open' ? `load.rate_per_s ${load.rate_per_s}` : 'this trace and load.speed';
  throw new Unsupported(
    `workload ${index}: with ${asked} the first request is due after ${first_s.toPrecision(3)} s, ` +
      `but none starts after measure.max_s, ${max_s} s: raise one of them`,
  );
}
