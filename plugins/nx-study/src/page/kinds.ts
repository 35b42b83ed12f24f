import type { Section } from '../figures/page.ts';
import { answerOf } from '../comparisons/answer.ts';
import { html } from '../figures/html.ts';
import type { Compared, PageInput } from './input.ts';
import type { KindPage } from './kind-page.ts';
import { llmPage } from './llm/llm-page.ts';
import { FILES } from './names.ts';
import { posteriorPage } from './posterior/posterior-page.ts';
import { pageTexts as texts } from './texts.ts';

const kindPages: readonly KindPage[] = [llmPage, posteriorPage];

const used = ({ results }: Compared): KindPage[] => {
  const kinds = new Set(results.rows.flatMap(({ stored }) => stored?.record.kind ?? []));
  return kindPages.filter(({ kind }) => kinds.has(kind));
};

/** What the kinds add, before the differences to the baseline or after them; of many experiments only the baselines and the first others, as each section says. */
export const kindSections = (input: PageInput, place: 'before' | 'after'): Section[] =>
  used(input).flatMap((page) => {
    if (page.isFirst !== (place === 'before')) return [];
    const { alternatives } = input.comparisons;
    const ofKind = alternatives.filter(({ rows }) => rows.some(({ stored }) => stored?.record.kind === page.kind));
    if (ofKind.length <= page.mostExperiments) return page.sections(input);
    const first = [...ofKind.filter(({ isBaseline }) => isBaseline), ...ofKind.filter((one) => !one.isBaseline)];
    const kept = new Set(first.slice(0, page.mostExperiments));
    const comparisons = { ...input.comparisons, alternatives: alternatives.filter((one) => kept.has(one)) };
    const note = html`<p class="note">${texts.fewExperiments(kept.size, ofKind.length, FILES.measurements)}</p>`;
    return page
      .sections({ ...input, comparisons })
      .map((section) => ({ ...section, body: html`${note}${section.body}` }));
  });

/** The whole answer, for the page and for the terminal: of the kinds first, then of the comparisons. */
export const answerFor = (input: Compared): string[] => [
  ...used(input).flatMap(({ answer }) => answer?.(input) ?? []),
  ...answerOf(input.results, input.comparisons),
];
