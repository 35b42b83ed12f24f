import { isAbsent } from '../../base/known.ts';
import { posteriorPairs, posteriorsOf } from '../../comparisons/posterior.ts';
import type { Posterior, PosteriorPair } from '../../comparisons/posterior.ts';
import type { Group } from '../../figures/signs.ts';
import type { Derived } from '../../kinds/posterior/schema.ts';
import type { PageInput } from '../input.ts';
import { idealPointOf } from './ideal-point.ts';
import type { IdealPoint } from './ideal-point.ts';

/** A measured experiment whose diagnostics can be read. */
export interface Subject {
  name: string;
  isBaseline: boolean;
  posterior: Posterior;
  derived: Derived;
  /** null where the worker derives nothing of the sort. */
  idealPoint: IdealPoint | null;
}

/** All that the sections are made from. */
export interface Subjects {
  study: string;
  /** Every measured experiment, readable or not, the baseline first. */
  all: readonly Posterior[];
  readable: readonly Subject[];
  /** Those that figures show. */
  drawn: readonly Subject[];
  pairs: readonly PosteriorPair[];
  /** Parties, in the order of the scale where that is known. */
  groups: readonly Group[];
}

export const MOST_DRAWN = 6;

export function subjectsOf({ results, comparisons }: PageInput): Subjects {
  const found = posteriorsOf(comparisons);
  const all = [...found.filter(isBaseline), ...found.filter((one) => !isBaseline(one))];
  const readable = all.flatMap((posterior) => subjectOf(posterior) ?? []);
  return {
    study: results.study,
    all,
    readable,
    drawn: readable.slice(0, MOST_DRAWN),
    pairs: posteriorPairs(found, comparisons, results.design),
    groups: groupsOf(readable),
  };
}

const isBaseline = ({ alternative }: Posterior): boolean => alternative.isBaseline;

function subjectOf(posterior: Posterior): Subject | null {
  const { alternative, derived } = posterior;
  if (isAbsent(derived)) return null;
  const { name, isBaseline: is } = alternative;
  return { name, isBaseline: is, posterior, derived, idealPoint: idealPointOf(derived) };
}

const NEITHER = 6;

/** The two ends of the scale, then all others in grey, so that a party has one colour on the whole page. */
function groupsOf(readable: readonly Subject[]): Group[] {
  const points = readable.flatMap(({ idealPoint }) => idealPoint ?? []);
  const names = new Set(points.flatMap(({ positions }) => positions.map(({ party }) => party)));
  const pair = points.flatMap(({ parties }) => parties?.pair ?? []).slice(0, 2);
  const others = [...names].filter((name) => !pair.includes(name));
  return pair.length === 2
    ? [...pair.map((name, index) => ({ name, tone: index + 1 })), ...others.map((name) => ({ name, tone: NEITHER }))]
    : [...names].map((name) => ({ name }));
}
