import type { Estimate } from './subjects.ts';

/** One step of a ladder of load: users at once, or requests per second. */
export interface Rung {
  load: number;
  throughput: Estimate;
  /** Time to the first token, where requests wait. */
  latency: Estimate;
}

export interface Saturation {
  /** The highest load before it. */
  before: Rung;
  /** The first load that is beyond it. */
  from: Rung;
  /** Whether the intervals of the latency at both loads are known, and don't overlap. */
  isClear: boolean;
}

/** Less growth of the throughput than this is none, and a higher step of the load than this is one: chosen. */
const LEAST_GROWTH = 1.05;
const LEAST_STEP = 1.1;

/**
 * Where a server is saturated: the first step of the load of at least 10 % after which the throughput is never 5 % above the
 * one before it, while the time to the first token grows by more than the load does. The rule and its limits are chosen: by
 * Little's law (load = throughput × duration) all further load waits then. Judged by the estimates.
 * @param rungs - in the order of their load.
 * @returns null where no step is one.
 */
export function saturationOf(rungs: readonly Rung[]): Saturation | null {
  const known = rungs.filter(({ throughput, latency }) => isPositive(throughput) && isPositive(latency));
  for (const [index, from] of known.entries()) {
    const before = known[index - 1];
    if (before === undefined) continue;
    const load = from.load / before.load;
    const growth = Math.max(...known.slice(index).map((rung) => rung.throughput.value! / before.throughput.value!));
    const waits = from.latency.value! / before.latency.value! > load;
    if (load >= LEAST_STEP && growth < LEAST_GROWTH && waits) return { before, from, isClear: isApart(before, from) };
  }
  return null;
}

const isPositive = ({ value }: Estimate): boolean => value !== null && value > 0;

const isApart = ({ latency: { high } }: Rung, { latency: { low } }: Rung): boolean =>
  high !== null && low !== null && high < low;
