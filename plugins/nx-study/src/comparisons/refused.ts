import { absent, isAbsent } from '../base/known.ts';
import type { Absent } from '../base/known.ts';
import { derivedOf } from '../kinds/evidence.ts';
import { comparable } from '../kinds/posterior/compare/comparable.ts';
import { posterior } from '../kinds/posterior/index.ts';
import { isOfPrior } from '../kinds/posterior/prior/metrics.ts';
import { derivedSchema } from '../kinds/posterior/schema.ts';
import type { Alternative } from './alternatives.ts';
import { comparisonTexts as texts } from './texts.ts';

/**
 * Why a metric of two alternatives isn't compared: only one of them has a posterior. Or it is the mean of a posterior, or of
 * draws from the prior, and the two are of other observations, or of another coding or scale. Null where it may be compared,
 * and for all else.
 */
export function refusalOf(candidate: Alternative, baseline: Alternative, metric: string): Absent | null {
  if (areMixed(candidate, baseline)) return absent(texts.priorAgainstPosterior);
  const sides = [candidate, baseline].map((one) => sideOf(one, metric));
  const [one, other] = sides;
  if (!one || !other) return null;
  const both = comparable(one, other);
  return isAbsent(both) ? both : null;
}

/** Whether one has draws from the prior only, and the other one a posterior. */
export function areMixed(one: Alternative, other: Alternative): boolean {
  const [a, b] = [one, other].map((side) => priorAlone(side));
  return a !== null && b !== null && a !== b;
}

/** null where nothing of it is measured. */
export function priorAlone({ rows }: Alternative): boolean | null {
  const measured = rows.filter(({ state }) => state === 'measured');
  return measured.length === 0 ? null : measured.some(({ metrics }) => isOfPrior(metrics));
}

function sideOf({ name, rows }: Alternative, metric: string) {
  const row = rows.find(({ state, stored }) => state === 'measured' && stored?.record.kind === posterior.name);
  if (!row?.metrics.some((one) => one.name === metric && (one.posterior ?? one.prior) !== undefined)) return null;
  return { label: name, derived: derivedOf(row.stored!, derivedSchema) };
}
