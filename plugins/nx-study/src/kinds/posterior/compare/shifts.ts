import { normalTail } from '../../../analysis/normal.ts';
import { groupBy } from '../../../base/group-by.ts';
import { absent, isAbsent } from '../../../base/known.ts';
import type { Absent } from '../../../base/known.ts';
import type { Value } from '../../kind.ts';
import type { Comparable } from './comparable.ts';
import { ERRORS, RHAT_LIMIT } from './estimates.ts';
import { correlation, positionsOf } from './positions.ts';
import type { Position, Positions } from './positions.ts';
import { compareReasons } from './texts.ts';

/** One item on both sides. */
export interface Shift {
  item: string;
  name: string;
  group: string;
  candidate: Omit<Position, 'item' | 'name' | 'group'>;
  baseline: Omit<Position, 'item' | 'name' | 'group'>;
  /** Candidate less baseline. */
  shift: number;
  /** shift / √(sd² + sd²); null where a standard deviation isn't known. */
  z: number | null;
  /** √(mcse² + mcse²); null where one isn't known. */
  mcse: number | null;
  /** From 1, the lowest mean first. */
  ranks: { candidate: number; baseline: number };
}

export interface PositionComparison {
  /** All items that both have, in the baseline's order: the points of a scatter. */
  shifts: Shift[];
  /** Ids that only one of the two has. */
  unmatched: { candidate: string[]; baseline: string[] };
  /** Of posterior means; of ranks for `rank_correlation` (Spearman's). */
  correlation: Value;
  rank_correlation: Value;
  by_group: { group: string; n: number; correlation: Value }[];
  mean_absolute_shift: number;
  /** The largest |shift|. */
  largest: Shift;
  /** Items whose rank differs, and the one whose rank differs most. */
  reranked: { count: number; largest: Shift | null };
  /** |z| > 1: those who moved by more than the posterior standard deviation of the difference; the largest |z| first. */
  beyond_uncertainty: Shift[];
  /** |shift| > 2 Monte Carlo errors; null where an error isn't known, or chains disagree. */
  beyond_monte_carlo: {
    shifts: Shift[];
    /** So many would be there by chance if nobody moved: 4.6 % of all. */
    expected: number;
  } | null;
}

/** Compares the aligned positions of two posteriors; absent where one has none, or nothing is in both. */
export function comparePositions(candidate: Comparable, baseline: Comparable): PositionComparison | Absent {
  const [one, other] = [positionsOf(candidate), positionsOf(baseline)];
  const hasNone = (found: Positions | Absent, { label }: Comparable) =>
    isAbsent(found) && found.reason === compareReasons.noPositions(label);
  if (hasNone(one, candidate) && hasNone(other, baseline)) return absent(compareReasons.neitherHasPositions);
  if (isAbsent(one)) return one;
  if (isAbsent(other)) return other;
  const matched = new Map(one.list.map((position) => [position.item, position]));
  const pairs = other.list.flatMap((position) => {
    const match = matched.get(position.item);
    return match ? [{ candidate: match, baseline: position }] : [];
  });
  if (pairs.length === 0) return absent(compareReasons.nothingShared);
  const shifts = shiftsOf(pairs);
  const byShift = largestFirst(shifts, ({ shift }) => shift);
  const chainsAgree = [one, other].every(({ rhat_max }) => rhat_max === null || rhat_max <= RHAT_LIMIT);
  return {
    shifts,
    unmatched: { candidate: without(one.list, other.list), baseline: without(other.list, one.list) },
    correlation: correlation(shifts.map(means)),
    rank_correlation: correlation(shifts.map(({ ranks }) => [ranks.baseline, ranks.candidate])),
    by_group: [...groupBy(shifts, ({ group }) => group)].map(([group, members]) => ({
      group,
      n: members.length,
      correlation: correlation(members.map(means)),
    })),
    mean_absolute_shift: shifts.reduce((sum, { shift }) => sum + Math.abs(shift), 0) / shifts.length,
    largest: byShift[0]!,
    reranked: rerankedOf(shifts),
    beyond_uncertainty: largestFirst(shifts, ({ z }) => z ?? 0).filter(({ z }) => Math.abs(z ?? 0) > 1),
    beyond_monte_carlo: chainsAgree ? beyondMonteCarlo(byShift) : null,
  };
}

const means = ({ candidate, baseline }: Shift) => [baseline.mean, candidate.mean] as const;

function shiftsOf(pairs: readonly { candidate: Position; baseline: Position }[]): Shift[] {
  const ranks = {
    candidate: ranksOf(pairs.map(({ candidate }) => candidate.mean)),
    baseline: ranksOf(pairs.map(({ baseline }) => baseline.mean)),
  };
  return pairs.map(({ candidate, baseline }, index) => {
    const { item, name, group } = baseline;
    const shift = candidate.mean - baseline.mean;
    const sd = hypot(candidate.sd, baseline.sd);
    return {
      item,
      name,
      group,
      shift,
      candidate: { mean: candidate.mean, sd: candidate.sd, mcse: candidate.mcse },
      baseline: { mean: baseline.mean, sd: baseline.sd, mcse: baseline.mcse },
      z: sd === null || sd === 0 ? null : shift / sd,
      mcse: hypot(candidate.mcse, baseline.mcse),
      ranks: { candidate: ranks.candidate[index]!, baseline: ranks.baseline[index]! },
    };
  });
}

const hypot = (one: number | null, other: number | null) =>
  one === null || other === null ? null : Math.hypot(one, other);

/** From 1; equal values share the mean of their ranks. */
function ranksOf(values: readonly number[]): number[] {
  return values.map((value) => {
    const below = values.filter((other) => other < value).length;
    const equal = values.filter((other) => other === value).length;
    return below + (equal + 1) / 2;
  });
}

function rerankedOf(shifts: readonly Shift[]): PositionComparison['reranked'] {
  const change = ({ ranks }: Shift) => ranks.candidate - ranks.baseline;
  const changed = largestFirst(shifts, change).filter((shift) => change(shift) !== 0);
  return { count: changed.length, largest: changed[0] ?? null };
}

function beyondMonteCarlo(byShift: readonly Shift[]): PositionComparison['beyond_monte_carlo'] {
  if (byShift.some(({ mcse }) => mcse === null)) return null;
  return {
    shifts: byShift.filter(({ shift, mcse }) => Math.abs(shift) > ERRORS * mcse!),
    expected: 2 * normalTail(ERRORS) * byShift.length,
  };
}

const largestFirst = (shifts: readonly Shift[], of: (shift: Shift) => number) =>
  shifts.toSorted((one, other) => Math.abs(of(other)) - Math.abs(of(one)));

function without(list: readonly Position[], others: readonly Position[]): string[] {
  const known = new Set(others.map(({ item }) => item));
  return list.filter(({ item }) => !known.has(item)).map(({ item }) => item);
}
