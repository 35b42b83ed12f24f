import { groupBy } from '../../base/group-by.ts';
import type { LinePoint } from '../../figures/lines.ts';
import { estimateOf } from './subjects.ts';
import type { Subject } from './subjects.ts';
import { llmTexts as texts } from './texts.ts';

/** More lines than that can't be told apart in one figure. */
export const MOST_LINES = 12;

/** Rates and times from 0, so that small differences look small. */
export const FROM_ZERO = { y: [0] };

/** How much work there is at once, or a call. */
export type Size = 'batch_size' | 'prompt_tokens' | 'new_tokens' | 'load';

/** The different numbers of some subjects, ascending. */
export const numbersIn = (subjects: readonly Subject[], size: Size): number[] =>
  [...new Set(subjects.flatMap((subject) => subject[size] ?? []))].toSorted((one, other) => one - other);

/**
 * Subjects that differ in nothing but the given sizes, in the order of the first of these, by a name that says all else.
 * Of several that are alike in the given sizes, too, each is alone, by its own name.
 */
export function alikeBut(subjects: readonly Subject[], sizes: readonly [Size, ...Size[]]): [string, Subject[]][] {
  const others = (['batch_size', 'prompt_tokens', 'new_tokens', 'load'] as const).filter(
    (size) => !sizes.includes(size) && numbersIn(subjects, size).length > 1,
  );
  const nameOf = (one: Subject) => [one.others, ...others.map((size) => `${texts.size[size]} ${one[size]}`)].join(', ');
  const sorted = subjects.toSorted((one, other) => one[sizes[0]]! - other[sizes[0]]!);
  return [...groupBy(sorted, nameOf)].flatMap(([name, of]): [string, Subject[]][] => {
    const places = new Set(of.map((one) => sizes.map((size) => one[size]).join(' ')));
    return places.size === of.length ? [[name, of]] : of.map((one) => [one.name, [one]]);
  });
}

/** Longer names have no room beside a point. */
const LONGEST_NAME = 22;

/** Names of subjects of one figure: where one is long and that is enough to distinguish all, only that in which they differ. */
export function shortNames(subjects: readonly Subject[]): Map<Subject, string> {
  const own = new Map(subjects.map((one) => [one, one.name]));
  if (subjects.every(({ name }) => name.length <= LONGEST_NAME)) return own;
  const sizes = (['batch_size', 'prompt_tokens', 'new_tokens', 'load'] as const).filter(
    (size) => numbersIn(subjects, size).length > 1,
  );
  const hasOthers = new Set(subjects.map(({ others }) => others)).size > 1;
  const names = subjects.map((one): [Subject, string] => [
    one,
    [
      ...(hasOthers ? [one.others] : []),
      ...sizes.flatMap((size) => (one[size] === null ? [] : `${texts.size[size]} ${one[size]}`)),
    ].join(', '),
  ]);
  return new Set(names.map(([, name]) => name)).size === subjects.length ? new Map(names) : own;
}

/** A metric of a subject as a point of a line, with its interval. */
export function pointAt(x: number, subject: Subject, metric: string): LinePoint {
  const { value, low, high, reason } = estimateOf(subject, metric);
  return { x, y: value, low, high, reason };
}

/** A logarithmic axis where numbers go up by factors: from 8 times the lowest on. */
export const scaleFor = (values: readonly number[]): 'log' | 'linear' =>
  values.length > 2 && values[0]! > 0 && values.at(-1)! / values[0]! >= 8 ? 'log' : 'linear';
