import { groupBy } from '../base/group-by.ts';
import { absent, isAbsent } from '../base/known.ts';
import type { Absent } from '../base/known.ts';
import { derivedOf, payloadOf } from '../kinds/evidence.ts';
import { comparePosteriors } from '../kinds/posterior/compare/posteriors.ts';
import type { PosteriorComparison } from '../kinds/posterior/compare/posteriors.ts';
import { posterior } from '../kinds/posterior/index.ts';
import { derivedSchema, payloadSchema } from '../kinds/posterior/schema.ts';
import type { Derived, Payload } from '../kinds/posterior/schema.ts';
import type { Results, Row } from '../state/rows.ts';
import type { Alternative } from './alternatives.ts';
import { withRange } from './format.ts';
import { baselineFor, baselineOnMachines } from './baseline.ts';
import type { Comparisons } from './compare.ts';
import { comparisonTexts, posteriorTexts as texts } from './texts.ts';

/** One experiment by its first measured repetition. */
export interface Posterior {
  alternative: Alternative;
  row: Row;
  derived: Derived | Absent;
  payload: Payload | Absent;
}

/** An experiment against its baseline. */
export interface PosteriorPair {
  candidate: Posterior;
  baseline: Posterior;
  compared: PosteriorComparison;
}

/** The measured posteriors of a study, in the order of its plan. */
export const posteriorsOf = ({ alternatives }: Comparisons): Posterior[] =>
  alternatives.flatMap((alternative) => {
    const row = alternative.rows.find(
      ({ state, stored }) => state === 'measured' && stored?.record.kind === posterior.name,
    );
    if (row === undefined) return [];
    const derived = derivedOf(row.stored!, derivedSchema);
    // Fits of simulated data say nothing of the posterior of any data; see calibration.ts.
    if (!isAbsent(derived) && derived.calibration !== undefined) return [];
    // Draws from the prior have no posterior; see prior.ts.
    if (!isAbsent(derived) && derived.prior !== undefined) return [];
    return [{ alternative, row, derived, payload: payloadOf(row.stored!, payloadSchema) }];
  });

/** Each of them against its baseline, on whatever machine that was measured; only where both were measured. */
export function posteriorPairs(
  posteriors: readonly Posterior[],
  { alternatives }: Comparisons,
  { relevant }: Results['design'],
): PosteriorPair[] {
  return posteriors.flatMap((candidate) => {
    const baseline = baselineOf(candidate, posteriors, alternatives);
    if (isAbsent(baseline)) return [];
    return [{ candidate, baseline, compared: comparePosteriors(sideOf(candidate), sideOf(baseline), relevant) }];
  });
}

/** On the same machine where it was measured there; else elsewhere, as a posterior doesn't depend on the machine. */
function baselineOf(
  { alternative }: Posterior,
  posteriors: readonly Posterior[],
  alternatives: readonly Alternative[],
): Posterior | Absent {
  const of = new Map(posteriors.map((one) => [one.alternative, one]));
  const here = baselineFor(alternative, alternatives);
  const found = isAbsent(here) ? undefined : of.get(here);
  if (found !== undefined) return found;
  const anywhere = baselineOnMachines(alternative, alternatives);
  if (isAbsent(anywhere)) return anywhere;
  return anywhere.flatMap((one) => of.get(one) ?? [])[0] ?? absent(comparisonTexts.notMeasuredYet);
}

/** A posterior as one side of a comparison. */
export const sideOf = ({ alternative: { name }, derived }: Posterior) => ({ label: name, derived });

const MOST_SENTENCES = 3;

interface Sentences {
  /** Gates that failed on either side, then a sentence for each of the first experiments against its baseline; the rest counted. */
  sentences: string[];
  /** Whether any two were compared, and not only refused. */
  isCompared: boolean;
}

/** What a study's posteriors say in words; no sentences where there are no two to compare. */
export function posteriorSentences({ design }: Pick<Results, 'design'>, comparisons: Comparisons): Sentences {
  const posteriors = posteriorsOf(comparisons);
  const pairs = posteriorPairs(posteriors, comparisons, design);
  const refused = groupBy(pairs.filter(isRefused), ({ compared: { estimates }, baseline }) =>
    JSON.stringify([(estimates as Absent).reason, baseline.alternative.name]),
  );
  const compared = pairs.filter((pair) => !isRefused(pair));
  const more = compared.length - MOST_SENTENCES;
  return {
    sentences: [
      ...failedGates(compared),
      ...compared.slice(0, MOST_SENTENCES).map((pair) => pair.compared.sentence),
      ...(more > 0 ? [texts.more(more)] : []),
      ...[...refused.values()].flatMap((of) => [refusalOf(of), ...besideEachOther(of)]),
      ...(pairs.length > 0 ? withoutBaseline(posteriors, comparisons) : []),
    ],
    isCompared: compared.length > 0,
  };
}

/** Beside others that are compared, those that can't be, by the reason. */
function withoutBaseline(posteriors: readonly Posterior[], { alternatives }: Comparisons): string[] {
  const found = posteriors.flatMap((one) => {
    const baseline = baselineOf(one, posteriors, alternatives);
    return !one.alternative.isBaseline && isAbsent(baseline) ? [{ one, reason: baseline.reason }] : [];
  });
  return [...groupBy(found, ({ reason }) => reason)].map(([reason, of]) =>
    texts.withoutBaseline(
      of.map(({ one }) => one.alternative.name),
      reason,
    ),
  );
}

const isRefused = ({ compared: { estimates } }: PosteriorPair): boolean => isAbsent(estimates);

/** Pairs that are refused for one reason are one sentence; it has the reason. */
const refusalOf = (pairs: readonly PosteriorPair[]): string =>
  pairs.length === 1
    ? pairs[0]!.compared.sentence
    : texts.refused(
        pairs.map(({ candidate }) => candidate.alternative.name),
        pairs[0]!.baseline.alternative.name,
        (pairs[0]!.compared.estimates as Absent).reason,
      );

/** One sentence for both sides of all pairs. */
function failedGates(pairs: readonly PosteriorPair[]): string[] {
  const sides = new Set(pairs.flatMap(({ candidate, baseline }) => [baseline, candidate]));
  const failed = [...sides].flatMap(({ alternative: { name, rows } }) => {
    const gates = rows.flatMap((row) =>
      row.gates
        .filter(({ verdict, judges }) => verdict === 'FAIL' && judges === 'reliability')
        .map((gate) => gate.name),
    );
    return gates.length === 0 ? [] : [texts.failedGatesOf(name, [...new Set(gates)])];
  });
  return failed.length === 0 ? [] : [texts.failedGates(failed)];
}

/** Where two posteriors can't be compared: the main quantities of each, beside each other. */
function besideEachOther(pairs: readonly PosteriorPair[]): string[] {
  const sides = [...new Set(pairs.flatMap(({ baseline, candidate }) => [baseline, candidate]))];
  const main = new Map(
    sides
      .flatMap(({ derived }) => (isAbsent(derived) ? [] : Object.entries(derived.estimates ?? {})))
      .filter(([, one]) => one.main),
  );
  return [...main].flatMap(([key, { label, unit }]) => {
    const values = sides.flatMap(({ alternative, derived }) => {
      const found = isAbsent(derived) ? undefined : derived.estimates?.[key];
      if (!found || found.mean === null || found.eti90 === null) return [];
      return [texts.under(`${withRange(found.mean, ...found.eti90)}${unit && ` ${unit}`}`, alternative.name)];
    });
    return values.length < 2 ? [] : [texts.besideEachOther(label, values)];
  });
}
