import type { JsonObject } from '../json.ts';
import type { Choice, Dimension } from './dimensions.ts';
import { leaves, mergeAt, overlap, valueAt } from './path.ts';
import type { Place } from './problem.ts';
import type { Candidate } from './select.ts';
import type { Setting } from './scope.ts';

/** A configuration as written, before its worker has looked at it. */
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
  const descend = (depth: number, draft: Draft) => {
    const dimension = dimensions[depth];
    if (!dimension) {
      drafts.push(draft);
      return;
    }
    for (const choice of dimension.choices) descend(depth + 1, choose(draft, choice));
  };
  descend(0, baseDraft(worker, base));
  return drafts;
}

/** One explicit experiment: base, then the variants it names, then its own settings. */
export function explicitDraft(
  worker: string,
  base: Setting[],
  { label, choices, own, at, expectFailed }: { label: string | null; choices: Choice[]; own: Setting[]; at: Place; expectFailed: boolean },
): Draft {
  const draft = choices.reduce(choose, baseDraft(worker, base));
  const set = own.flatMap(({ path, value }) => leaves(value, path).map((leaf) => [leaf.path.join('.'), leaf.value] as const));
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

/** The place in the file that sets a path of the configuration, the last one that does; null when nothing does. */
export function placeOf(draft: Draft, path: Place): Place | null {
  const keys = path.map(String);
  const settings = [...draft.base, ...draft.choices.flatMap((choice) => choice.settings), ...draft.own];
  const setting = settings.findLast((candidate) => overlap(candidate.path, keys));
  if (!setting) return draft.explicit;
  const inside = path.slice(setting.path.length);
  while (inside.length > 0 && valueAt(setting.value, inside) === undefined) inside.pop();
  return [...setting.at, ...inside];
}

function baseDraft(worker: string, base: Setting[]): Draft {
  return {
    worker,
    base,
    label: null,
    variants: {},
    varied: {},
    explicit: null,
    expectFailed: false,
    choices: [],
    own: [],
    written: merge({}, base),
  };
}

function choose(draft: Draft, choice: Choice): Draft {
  return {
    ...draft,
    choices: [...draft.choices, choice],
    varied: { ...draft.varied, ...choice.varied },
    variants: choice.variant === null ? draft.variants : { ...draft.variants, ...choice.varied },
    written: merge(draft.written, choice.settings),
  };
}

const merge = (target: JsonObject, settings: Setting[]): JsonObject =>
  settings.reduce((merged, { path, value }) => mergeAt(merged, path, value), target);
