import { absent } from '../base/known.ts';
import type { Absent } from '../base/known.ts';
import { reasons } from './texts.ts';

/** The value of one repetition of an experiment. */
export interface Repetition {
  /** Repetitions of two experiments with the same one were measured in the same cycle and belong together. */
  repetition: string | number;
  /** In the metric's unit; null where it wasn't measured. */
  value: number | null;
}

/** What two experiments have to be compared by. With pairs, the values of both sides have one order. */
export interface Sets {
  isPaired: boolean;
  candidate: number[];
  baseline: number[];
  /** Repetitions that aren't used: without a value, or without a partner. */
  dropped: { candidate: Repetition['repetition'][]; baseline: Repetition['repetition'][] };
}

/**
 * Pairs two experiments by repetition. Only pairs with both values are used. Where there is no pair at all, or pairs are
 * not wanted, all values of both sides are used.
 */
export function setsOf(
  candidate: readonly Repetition[],
  baseline: readonly Repetition[],
  pairs: boolean,
): Sets | Absent {
  const twice = repeatedIn(candidate) ?? repeatedIn(baseline);
  if (twice !== undefined) return absent(reasons.repeated(twice));
  const partners = new Map(baseline.filter(hasValue).map((one) => [one.repetition, one.value]));
  const paired = candidate.filter(hasValue).filter((one) => partners.has(one.repetition));
  const isPaired = pairs && paired.length > 0;
  const common = new Set(paired.map((one) => one.repetition));
  const isUsed = (one: Repetition) => hasValue(one) && (!isPaired || common.has(one.repetition));
  const droppedOf = (side: readonly Repetition[]) =>
    side.filter((one) => !isUsed(one)).map(({ repetition }) => repetition);
  return {
    isPaired,
    candidate: isPaired ? paired.map(({ value }) => value) : valuesOf(candidate),
    baseline: isPaired ? paired.map(({ repetition }) => partners.get(repetition)!) : valuesOf(baseline),
    dropped: { candidate: droppedOf(candidate), baseline: droppedOf(baseline) },
  };
}

const hasValue = (one: Repetition): one is Repetition & { value: number } => one.value !== null;
const valuesOf = (side: readonly Repetition[]) => side.filter(hasValue).map(({ value }) => value);

function repeatedIn(side: readonly Repetition[]): Repetition['repetition'] | undefined {
  const seen = new Set<Repetition['repetition']>();
  return side.find(({ repetition }) => seen.size === seen.add(repetition).size)?.repetition;
}
