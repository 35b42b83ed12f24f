import { isAbsent } from '../base/known.ts';
import type { Absent } from '../base/known.ts';
import { derivedOf } from '../kinds/evidence.ts';
import { comparable } from '../kinds/posterior/compare/comparable.ts';
import { posterior } from '../kinds/posterior/index.ts';
import { derivedSchema } from '../kinds/posterior/schema.ts';
import type { Alternative } from './alternatives.ts';

/**
 * Why a metric of two alternatives isn't compared: it is the mean of a posterior, and the two are of other observations, or
 * of another coding or scale. Null where it may be compared, and for all else.
 */
export function refusalOf(candidate: Alternative, baseline: Alternative, metric: string): Absent | null {
  const sides = [candidate, baseline].map((one) => sideOf(one, metric));
  const [one, other] = sides;
  if (!one || !other) return null;
  const both = comparable(one, other);
  return isAbsent(both) ? both : null;
}

function sideOf({ name, rows }: Alternative, metric: string) {
  const row = rows.find(({ state, stored }) => state === 'measured' && stored?.record.kind === posterior.name);
  if (!row?.metrics.some((one) => one.name === metric && one.posterior !== undefined)) return null;
  return { label: name, derived: derivedOf(row.stored!, derivedSchema) };
}
