import { studyTexts } from './texts.ts';
import type { Problem } from '../yaml/problem.ts';
import type { Resolution } from './resolve.ts';
import { selects, whyNothing } from './select.ts';
import type { Selector } from './select.ts';

/** The experiments that selectors choose from. */
export interface Choosable {
  resolution: Resolution;
  /** Of the experiments, in their order. */
  labels: string[];
  /** The experiments are all that the study means, so that a selector without any is a mistake. */
  complete: boolean;
}

/** The positions of the experiments that any of the selectors chooses. */
export function choose(selectors: Selector[], what: string, choosable: Choosable, problems: Problem[]): Set<number> {
  const { resolution, labels, complete } = choosable;
  const found = new Set<number>();
  for (const selector of selectors) {
    const chosen = resolution.experiments.flatMap(({ drafts, configuration }, index) => {
      const matches = drafts.some((draft) =>
        selects(selector, { ...draft, label: draft.label ?? labels[index]! }, configuration),
      );
      return matches ? [index] : [];
    });
    if (complete && chosen.length === 0) problems.push(unmatched(selector, what, choosable));
    for (const index of chosen) found.add(index);
  }
  return found;
}

/** The problem of a selector that chooses nothing, with its cause. */
export const unmatched = (selector: Selector, what: string, { resolution, labels }: Choosable): Problem => ({
  at: selector.at,
  ...studyTexts.matchesNothing(what, whyNothing(selector, resolution.seen, labels)),
});
