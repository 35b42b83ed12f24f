import { groupBy } from '../base/group-by.ts';
import { isAbsent } from '../base/known.ts';
import type { Absent } from '../base/known.ts';
import { derivedOf, payloadOf } from '../kinds/evidence.ts';
import { comparePosteriors } from '../kinds/posterior/compare/posteriors.ts';
import type { PosteriorComparison } from '../kinds/posterior/compare/posteriors.ts';
import { posterior } from '../kinds/posterior/index.ts';
import { derivedSchema, payloadSchema } from '../kinds/posterior/schema.ts';
import type { Derived, Payload } from '../kinds/posterior/schema.ts';
import type { Results, Row } from '../state/rows.ts';
import type { Alternative } from './alternatives.ts';
import { baselineFor } from './baseline.ts';
import type { Comparisons } from './compare.ts';
import { posteriorTexts as texts } from './texts.ts';

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
    return [{ alternative, row, derived, payload: payloadOf(row.stored!, payloadSchema) }];
  });

/** Each of them against its baseline; only where both were measured. */
export function posteriorPairs(
  posteriors: readonly Posterior[],
  { alternatives }: Comparisons,
  { relevant }: Results['design'],
): PosteriorPair[] {
  const of = new Map(posteriors.map((one) => [one.alternative, one]));
  return posteriors.flatMap((candidate) => {
    const found = baselineFor(candidate.alternative, alternatives);
    const baseline = isAbsent(found) ? undefined : of.get(found);
    if (baseline === undefined) return [];
    return [{ candidate, baseline, compared: comparePosteriors(sideOf(candidate), sideOf(baseline), relevant) }];
  });
}

/** A posterior as one side of a comparison. */
export const sideOf = ({ alternative: { name }, derived }: Posterior) => ({ label: name, derived });

const MOST_SENTENCES = 3;

/** A sentence for each of the first experiments against its baseline, with the gates that failed on either side; the rest counted. */
export function posteriorSentences({ design }: Pick<Results, 'design'>, comparisons: Comparisons): string[] {
  const pairs = posteriorPairs(posteriorsOf(comparisons), comparisons, design);
  const refused = groupBy(pairs.filter(isRefused), ({ compared: { estimates }, baseline }) =>
    JSON.stringify([(estimates as Absent).reason, baseline.alternative.name]),
  );
  const sentences = [
    ...pairs.filter((pair) => !isRefused(pair)).map(sentenceWithGates),
    ...[...refused.values()].map(refusalOf),
  ];
  const more = sentences.length - MOST_SENTENCES;
  return [...sentences.slice(0, MOST_SENTENCES), ...(more > 0 ? [texts.more(more)] : [])];
}

const isRefused = ({ compared: { estimates } }: PosteriorPair): boolean => isAbsent(estimates);

/** Pairs that are refused for one reason are one sentence. */
const refusalOf = (pairs: readonly PosteriorPair[]): string =>
  pairs.length === 1
    ? pairs[0]!.compared.sentence
    : texts.refused(
        pairs.map(({ candidate }) => candidate.alternative.name),
        pairs[0]!.baseline.alternative.name,
        (pairs[0]!.compared.estimates as Absent).reason,
      );

function sentenceWithGates({ candidate, baseline, compared }: PosteriorPair): string {
  const failed = [baseline, candidate].filter(({ row }) => row.verdict === 'FAIL');
  const words = failed.map(({ alternative, row }) => {
    const gates = row.gates.filter(({ verdict }) => verdict === 'FAIL').map(({ name }) => name);
    return texts.failedGates(alternative.name, gates);
  });
  return [compared.sentence, ...words].join(' ');
}
