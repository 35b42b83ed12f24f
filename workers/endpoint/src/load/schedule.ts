import { Unsupported } from '../../../kits/node/index.ts';
import type { Workload } from '../client.ts';
import type { Load } from '../config.ts';
import { arrivals } from './arrivals.ts';

/** When the requests of an open loop are due. */
export interface Schedule {
  /** For how long unmeasured requests bring the load up. */
  settle_s: number;
  /** Those requests: after how many seconds from the beginning each is due. */
  settling: Iterable<number>;
  /** The measured ones, and those that keep the load for them: after how many seconds from the end of settling. */
  due: Iterable<number>;
  /** How many there are; null: as many as measuring takes. */
  count: number | null;
  /** More are never under way. */
  most: number;
}

/** What tells when the requests of a workload arrive. */
type Arriving = Pick<Workload, 'index' | 'load' | 'trace'>;

interface Settling {
  seed: number;
  min_s: number;
  /** About as long as a request takes. */
  request_s: number;
}

// After one such time as many end as arrive, where nothing waits.
const REQUESTS_TO_SETTLE = 2;

/** Without `load.mode: closed`. */
export function scheduleOf({ index, load, trace }: Arriving, { seed, min_s, request_s }: Settling): Schedule {
  if (load.mode === 'closed') throw new Error('a closed loop has no schedule');
  const most = load.max_in_flight ?? Infinity;
  if (load.mode === 'replay') return { settle_s: 0, settling: [], due: traced(load, trace), count: trace.length, most };
  const { rate_per_s, arrival_cv: cv = 1, ramp_s = 0 } = load;
  const key = { seed, workload: index };
  const enough_s = Math.max(min_s, ramp_s + REQUESTS_TO_SETTLE * request_s);
  const settling = before(enough_s, arrivals({ rate_per_s, cv, ramp_s }, { ...key, part: 'settling' }));
  return {
    // All but a Poisson process remember the last arrival: they go on from there.
    settle_s: cv === 1 ? enough_s : (settling.at(-1) ?? enough_s),
    settling,
    due: arrivals({ rate_per_s, cv, ramp_s: 0 }, { ...key, part: 'arrival' }),
    count: null,
    most,
  };
}

const traced = ({ speed = 1 }: Extract<Load, { mode: 'replay' }>, trace: Workload['trace']): number[] =>
  trace.map(({ at_s }) => at_s / speed);

function before(end_s: number, times: Iterable<number>): number[] {
  const found: number[] = [];
  for (const due_s of times) {
    if (due_s > end_s) break;
    found.push(due_s);
  }
  return found;
}

function* firstOf<T>(values: Iterable<T>): Generator<T> {
  for (const value of values) return yield value;
}

/** @throws Unsupported for an open loop whose first request is due only after the last moment at which one may start. */
export function refuseWithoutArrival(workload: Arriving, seed: number, max_s: number): void {
  const { index, load } = workload;
  if (load.mode === 'closed') return;
  const [first_s = Infinity] = firstOf(scheduleOf(workload, { seed, min_s: 0, request_s: 0 }).due);
  if (first_s <= max_s) return;
  const asked = load.mode === 'open' ? `load.rate_per_s ${load.rate_per_s}` : 'this trace and load.speed';
  throw new Unsupported(
    `workload ${index}: with ${asked} the first request is due after ${first_s.toPrecision(3)} s, ` +
      `but none starts after measure.max_s, ${max_s} s: raise one of them`,
  );
}
