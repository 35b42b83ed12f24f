import { absent, isAbsent } from '../../../base/known.ts';
import type { Absent } from '../../../base/known.ts';
import type { Derived } from '../schema.ts';
import { compareReasons } from './texts.ts';

/** One of two posteriors that are compared. */
export interface Side {
  /** Of its experiment. */
  label: string;
  derived: Derived | Absent;
}

export interface Comparable {
  label: string;
  derived: Derived;
}

/** Both sides with what was derived from them, or why their numbers answer different questions. */
export function comparable(candidate: Side, baseline: Side): { candidate: Comparable; baseline: Comparable } | Absent {
  const [one, other] = [usable(candidate), usable(baseline)];
  if (isAbsent(one)) return one;
  if (isAbsent(other)) return other;
  const facts = [one, other].map(({ derived }) => derived.basis ?? {}) as [Basis, Basis];
  const differing = differences(...facts);
  return differing.length > 0 ? absent(compareReasons.otherBasis(differing)) : { candidate: one, baseline: other };
}

type Basis = Record<string, string>;

/** Names of the facts that differ, those that only one has included. */
function differences(one: Basis, other: Basis): string[] {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].filter((name) => one[name] !== other[name]);
}

function usable({ label, derived }: Side): Comparable | Absent {
  if (isAbsent(derived)) return absent(compareReasons.side(label, derived));
  return Object.keys(derived.basis ?? {}).length > 0 ? { label, derived } : absent(compareReasons.noBasis(label));
}
