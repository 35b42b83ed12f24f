import type { JsonObject } from '../base/json.ts';
import { leaves, mergeAt, overlap, valueAt } from '../base/path.ts';
import type { Place } from '../yaml/problem.ts';
import type { Candidate } from './select.ts';
import type { Setting } from './scope.ts';
import type { Choice, Dimension } from './dimension.ts';

/** A configuration as written, before it is checked against its worker's schema. */
export interface Draft extends Candidate {
  varied: JsonObject;
  /** The explicit experiment it comes from; null for a combination. */
  explicit: Place | null;
  expectFailed: boolean;
  base: Setting[];
  choices: Choice[];
  own: Setting[];
}

/** How many combinations the dimensions make; may be far beyond what fits anywhere. */
export const countCombinations = (dimensions: Dimension[]): number =>
  dimensions.reduce((product, { choices }) => product * choices.length, 1);

/** All combinations for one worker, the last dimension varying fastest. */
export function combinations(worker: string, base: Setting[], dimensions: Dimension[]): Draft[] {
  const drafts: Draft[] = [];
  const chosen: Choice[] = [];
  const descend = (depth: number, written: JsonObject) => {
    const dimension = dimensions[depth];
    if (!dimension) {
      drafts.push(draftOf(worker, base, [...chosen], written));
      return;
    }
    for (const choice of dimension.choices) {
      chosen[depth] = choice;
      descend(depth + 1, merge(written, choice.settings));
    }
  };
  descend(0, merge({}, base));
  return drafts;
}

/** One explicit experiment: base, then the variants it names, then its own settings. */
export function explicitDraft(
  worker: string,
  base: Setting[],
  {
    label,
    choices,
    own,
    at,
    expectFailed,
  }: { label: string | null; choices: Choice[]; own: Setting[]; at: Place; expectFailed: boolean },
): Draft {
  const shared = choices.reduce((written, choice) => merge(written, choice.settings), merge({}, base));
  const draft = draftOf(worker, base, choices, shared);
  const set = own.flatMap(({ path, value }) =>
    leaves(value, path).map((leaf) => [leaf.path.join('.'), leaf.value] as const),
  );
  return {
    ...draft,
    label,
    own,
    expectFailed,
    explicit: at,
    varied: { ...draft.varied, ...Object.fromEntries(set) },
    written: merge(draft.written, own),
  };
}

/**
 * The place in the file that sets a path of the configuration, the last one that does; null when nothing does.
 * A wrong key of an axis is the same for all its values.
 */
export function placeOf(draft: Draft, path: Place, key: boolean): Place | null {
  if (path.length === 0) return draft.explicit;
  const keys = path.map(String);
  const settings = [...draft.base, ...draft.choices.flatMap((choice) => choice.settings), ...draft.own];
  const setting = settings.findLast((candidate) => overlap(candidate.path, keys));
  if (!setting) return draft.explicit;
  if (key && setting.path.length >= path.length)
    return typeof setting.at.at(-1) === 'number' ? setting.at.slice(0, -1) : setting.at;
  const inside: (string | number)[] = [];
  for (const step of keys.slice(setting.path.length)) {
    const around = valueAt(setting.value, inside);
    if (valueAt(around, [step]) === undefined) break;
    inside.push(Array.isArray(around) ? Number(step) : step);
  }
  return [...setting.at, ...inside];
}

function draftOf(worker: string, base: Setting[], choices: Choice[], written: JsonObject): Draft {
  const varied: JsonObject = {};
  const variants: JsonObject = {};
  for (const choice of choices) Object.assign(choice.variant === null ? varied : variants, choice.varied);
  Object.assign(varied, variants);
  return {
    worker,
    base,
    choices,
    written,
    varied,
    variants,
    own: [],
    label: null,
    explicit: null,
    expectFailed: false,
  };
}

const merge = (target: JsonObject, settings: Setting[]): JsonObject =>
  settings.reduce((merged, { path, value }) => mergeAt(merged, path, value), target);
