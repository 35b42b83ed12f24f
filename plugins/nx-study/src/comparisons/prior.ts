import { isAbsent } from '../base/known.ts';
import { derivedOf } from '../kinds/evidence.ts';
import { posterior } from '../kinds/posterior/index.ts';
import { rangeOf } from '../kinds/posterior/prior/metrics.ts';
import type { PriorDraws } from '../kinds/posterior/prior/schema.ts';
import { derivedSchema } from '../kinds/posterior/schema.ts';
import type { Derived } from '../kinds/posterior/schema.ts';
import type { Alternative } from './alternatives.ts';
import { baselineFor } from './baseline.ts';
import type { Comparisons } from './compare.ts';
import { withRange } from './format.ts';
import { areMixed } from './refused.ts';
import { priorTexts as texts } from './texts.ts';

/** An experiment of which only the prior was drawn from, by its first measured repetition. */
export interface Prior {
  alternative: Alternative;
  derived: Derived;
  prior: PriorDraws;
}

/** The experiments with draws from the prior, in the order of the plan; those without a readable measurement are left out. */
export const priorsOf = ({ alternatives }: Pick<Comparisons, 'alternatives'>): Prior[] =>
  alternatives.flatMap((alternative) => {
    const row = alternative.rows.find(
      ({ state, stored }) => state === 'measured' && stored?.record.kind === posterior.name,
    );
    const derived = row && derivedOf(row.stored!, derivedSchema);
    if (derived === undefined || isAbsent(derived) || derived.prior === undefined) return [];
    return [{ alternative, derived, prior: derived.prior }];
  });

const MOST_SENTENCES = 3;

/** What priors make of a model, experiment by experiment, and what is not compared for it; nothing where a study has none. */
export function priorSentences(comparisons: Pick<Comparisons, 'alternatives'>): string[] {
  const all = priorsOf(comparisons);
  if (all.length === 0) return [];
  const more = all.length - MOST_SENTENCES;
  return [
    ...all.slice(0, MOST_SENTENCES).map(sentenceOf),
    ...(more > 0 ? [texts.more(more)] : []),
    texts.brackets,
    ...notCompared(comparisons),
  ];
}

function sentenceOf({ alternative: { name }, prior }: Prior): string {
  const main = Object.values(prior.estimates).filter((one) => one.main && one.value !== null);
  const values = main.map(({ label, unit, value, ...draws }) => {
    const range = rangeOf(draws);
    const shown = range ? withRange(value!, range.low, range.high) : String(value);
    return texts.value(label, `${shown}${unit && ` ${unit}`}`);
  });
  return texts.under(name, prior.draws, [...values, ...(prior.predictive ?? []).flatMap(unlikely)]);
}

/** Test quantities of the observed data that the prior hardly makes. */
function unlikely({ variable, quantities }: NonNullable<PriorDraws['predictive']>[number]): string[] {
  const outside = Object.entries(quantities ?? {}).filter(
    ([, { p_value }]) => p_value !== null && (p_value < 0.05 || p_value > 0.95),
  );
  return outside.length === 0
    ? []
    : [
        texts.observed(
          outside.map(([name]) => name),
          variable,
        ),
      ];
}

/** Experiments whose baseline has a posterior and they have not, or the other way round. */
function notCompared({ alternatives }: Pick<Comparisons, 'alternatives'>): string[] {
  const mixed = alternatives.filter((one) => {
    const baseline = baselineFor(one, alternatives);
    return !isAbsent(baseline) && areMixed(one, baseline);
  });
  return mixed.length === 0 ? [] : [texts.notCompared(mixed.map(({ name }) => name))];
}
