import type { Estimate } from './subjects.ts';

type Value = Estimate & { value: number };

/** An alternative by its latency (lower is better) and its throughput (higher is better). */
export interface Placed {
  name: string;
  x: Value;
  y: Value;
}

/** Names of all points, each in one of the lists. */
export interface Front {
  /** By intervals better than each other point in one quantity at least: nothing beats it in both. */
  clear: string[];
  /** Another point is better in both, by intervals. */
  behind: string[];
  /** Neither, as intervals overlap, or as there are none. */
  unclear: string[];
}

/**
 * How clear it is which points are on the Pareto front. One value is better than another by intervals where the intervals
 * don't overlap; that is stricter than a test of the difference. Without intervals nothing is clear.
 */
export function frontOf(points: readonly Placed[]): Front {
  const others = (one: Placed) => points.filter((other) => other !== one);
  const isOn = (one: Placed) => others(one).every((other) => isSooner(one, other) || isFaster(one, other));
  const isBehind = (one: Placed) => others(one).some((other) => isSooner(other, one) && isFaster(other, one));
  const namesOf = (is: (one: Placed) => boolean) => points.filter(is).map(({ name }) => name);
  return {
    clear: namesOf(isOn),
    behind: namesOf(isBehind),
    unclear: namesOf((one) => !isOn(one) && !isBehind(one)),
  };
}

const isSooner = ({ x: { high } }: Placed, { x: { low } }: Placed): boolean =>
  high !== null && low !== null && high < low;

const isFaster = ({ y: { low } }: Placed, { y: { high } }: Placed): boolean =>
  low !== null && high !== null && low > high;
