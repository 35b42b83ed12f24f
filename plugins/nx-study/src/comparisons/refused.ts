import { absent, isAbsent } from '../base/known.ts';
import type { Absent } from '../base/known.ts';
import { derivedOf } from '../kinds/evidence.ts';
import type { Metric } from '../kinds/kind.ts';
import { comparable } from '../kinds/posterior/compare/comparable.ts';
import { posterior } from '../kinds/posterior/index.ts';
import { isOfPrior } from '../kinds/posterior/prior/metrics.ts';
import { derivedSchema } from '../kinds/posterior/schema.ts';
import type { Alternative } from './alternatives.ts';
import { comparisonTexts as texts } from './texts.ts';

/**
 * Why a metric of two alternatives isn't compared: only one of them has a posterior. Or it is computed from a posterior, or from
 * draws from the prior, and the two are of other observations, or of another coding or scale; or its difference has no error that
 * repetitions could show. Null where it may be compared, and where one of the two has no such metric.
 */
export function refusalOf(candidate: Alternative, baseline: Alternative, metric: string): Absent | null {
  if (areMixed(candidate, baseline)) return absent(texts.priorAgainstPosterior);
  const sides = [candidate, baseline].map((one) => sideOf(one, metric));
  const [one, other] = sides;
  if (!one || !other) return null;
  if ([one, other].some(({ compared }) => compared === 'by observation')) return absent(texts.byObservation);
  const both = comparable(one, other);
  return isAbsent(both) ? both : null;
}

/** The same for all alternatives together: the first reason why one of them isn't compared with the others. */
export function refusalAmong(alternatives: readonly Alternative[], metric: string): Absent | null {
  const first = alternatives.find((one) => sideOf(one, metric) !== null);
  if (first === undefined) return null;
  return alternatives.map((one) => refusalOf(one, first, metric)).find((refusal) => refusal !== null) ?? null;
}

/** Whether a metric is computed from a posterior: its differences are those of posteriors, and stand in their sentences. */
export const isOfPosterior = (alternative: Alternative, metric: string): boolean =>
  alternative.rows.some((row) => row.metrics.some((one) => one.name === metric && one.compared !== undefined));

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

/** Its first measured posterior; null where it has none, or no such metric that depends on it. */
function sideOf({ name, rows }: Alternative, metric: string) {
  const row = rows.find(({ state, stored }) => state === 'measured' && stored?.record.kind === posterior.name);
  const compared: Metric['compared'] = row?.metrics.find((one) => one.name === metric)?.compared;
  if (row === undefined || compared === undefined) return null;
  return { label: name, derived: derivedOf(row.stored!, derivedSchema), compared };
}
