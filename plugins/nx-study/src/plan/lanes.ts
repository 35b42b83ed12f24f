import type { Sha256 } from '../base/canonical.ts';
import type { Step } from './order.ts';
import { belowOf, randomOf, shuffled } from './random.ts';
import type { Random } from './random.ts';
import type { LaneBalance } from './types.ts';

interface Shape {
  /** How many experiments there are. */
  count: number;
  lanes: number;
  seed: number;
}

/**
 * The lane of each step, from 1. Each experiment is measured equally often on each lane, or once more on some of them; so are
 * all experiments together. Repetitions are the blocks: as long as each lane can have one, a whole repetition of all
 * experiments stays on one lane. The repetitions that are left over are an incomplete block design: each experiment goes
 * to as many different lanes as there are such repetitions, so that any two experiments share lanes about equally often.
 */
export function assignLanes(steps: readonly Step[], shape: Shape, hash: Sha256): number[] {
  const { lanes } = shape;
  const times = steps.reduce((most, { repetition }) => Math.max(most, repetition), 0);
  const whole = times - (times % lanes);
  const left = times > whole ? shareLanes(shape, times - whole, hash) : [];
  return steps.map(({ experiment, repetition }) =>
    repetition <= whole ? ((repetition - 1) % lanes) + 1 : left[experiment]![repetition - whole - 1]! + 1,
  );
}

/** How evenly lanes and experiments meet. `lanes`: the lane of each step, as from `assignLanes`. */
export function laneBalance(steps: readonly Step[], lanes: readonly number[], { count, ...shape }: Shape): LaneBalance {
  const times = Array.from({ length: count }, () => Array.from({ length: shape.lanes }, () => 0));
  const measurements = Array.from({ length: shape.lanes }, () => 0);
  for (const [index, { experiment }] of steps.entries()) {
    times[experiment]![lanes[index]! - 1]! += 1;
    measurements[lanes[index]! - 1]! += 1;
  }
  return {
    lanes: shape.lanes,
    measurements: rangeOf(measurements),
    times: rangeOf(times.map(rangeOf).flatMap(({ least, most }) => [least, most])),
    common: commonLanes(times),
  };
}

// Counting the pairs of more experiments takes longer than it tells.
const MOST_COUNTED = 500;

/** On how many lanes two experiments are both measured, over all pairs; null for a single one, and for very many. */
function commonLanes(times: readonly number[][]): LaneBalance['common'] {
  if (times.length < 2 || times.length > MOST_COUNTED) return null;
  const shared: number[] = [];
  for (const [index, one] of times.entries())
    for (const other of times.slice(index + 1))
      shared.push(one.filter((number, lane) => number > 0 && other[lane]! > 0).length);
  return rangeOf(shared);
}

function rangeOf(values: readonly number[]): { least: number; most: number } {
  let [least, most] = [Infinity, 0];
  for (const value of values) [least, most] = [Math.min(least, value), Math.max(most, value)];
  return { least: most === 0 ? 0 : least, most };
}

/** For each experiment `times` different lanes, from 0; fewer than there are. */
function shareLanes({ count, lanes, seed }: Shape, times: number, hash: Sha256): number[][] {
  const random = randomOf(`nx-study lanes ${seed} ${lanes} ${times}`, hash);
  const letters = shuffled(
    Array.from({ length: count }, (_, index) => index),
    random,
  );
  const chosen: number[][] = [];
  for (const [position, experiment] of letters.entries())
    chosen[experiment] = Array.from({ length: times }, (_, index) => (position * times + index) % lanes);
  // With one lane each, and with very many experiments, the shuffled order is even enough.
  if (times > 1 && count <= MOST_COUNTED) exchange(chosen, lanes, random);
  return chosen;
}

const EXCHANGES = 20_000;

/**
 * Exchanges lanes of two experiments as long as the sum over all pairs of the squared number of their common lanes doesn't
 * grow: the (M,S)-criterion of Eccleston and Hedayat (1974), doi:10.1214/aos/1176342872, for incomplete block designs. The
 * number of measurements of each lane stays as it is.
 */
function exchange(chosen: readonly number[][], lanes: number, random: Random): void {
  const count = chosen.length;
  const members = Array.from({ length: lanes }, () => new Set<number>());
  for (const [experiment, own] of chosen.entries()) for (const lane of own) members[lane]!.add(experiment);
  const common = chosen.map((one) => chosen.map((other) => one.filter((lane) => other.includes(lane)).length));
  for (let tried = 0; tried < EXCHANGES; tried++) {
    const [one, other] = [belowOf(count, random), belowOf(count, random)];
    const [from, to] = [
      chosen[one]![belowOf(chosen[one]!.length, random)]!,
      chosen[other]![belowOf(chosen[other]!.length, random)]!,
    ];
    if (chosen[one]!.includes(to) || chosen[other]!.includes(from)) continue;
    const left = [...members[from]!].filter((member) => member !== one);
    const joined = [...members[to]!].filter((member) => member !== other);
    const sum = (of: number, among: readonly number[]) =>
      among.reduce((total, member) => total + common[of]![member]!, 0);
    const more =
      2 * (sum(one, joined) + sum(other, left) - sum(one, left) - sum(other, joined)) +
      2 * (left.length + joined.length);
    if (more > 0) continue;
    move(one, { from, to, left, joined });
    move(other, { from: to, to: from, left: joined, joined: left });
  }

  function move(experiment: number, change: { from: number; to: number; left: number[]; joined: number[] }): void {
    const { from, to, left, joined } = change;
    chosen[experiment]![chosen[experiment]!.indexOf(from)] = to;
    members[from]!.delete(experiment);
    members[to]!.add(experiment);
    for (const [among, by] of [
      [left, -1],
      [joined, 1],
    ] as const)
      for (const member of among) {
        common[experiment]![member]! += by;
        common[member]![experiment]! += by;
      }
  }
}
