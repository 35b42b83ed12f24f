import { facts } from '../figures/blocks.ts';
import { expandable } from '../figures/blocks.ts';
import { html } from '../figures/html.ts';
import type { MaybeSection, PageInput } from './input.ts';
import { pageTexts as texts } from './texts.ts';

/** What each number means, and how the statistics are made. */
export function definitionsSection({ results, comparisons }: PageInput): MaybeSection {
  const metrics = new Map(results.rows.flatMap((row) => row.metrics).map((metric) => [metric.name, metric]));
  if (metrics.size === 0) return null;
  const main = [...metrics.values()].filter((metric) => metric.main);
  const others = [...metrics.values()].filter((metric) => !metric.main);
  const described = (all: typeof main) =>
    facts(all.map(({ name, unit, description }) => [`${name}${unit && ` (${unit})`}`, description]));
  return {
    id: 'definitions',
    title: texts.definitions,
    body: html`${described(main)}
      ${others.length > 0 ? expandable(texts.otherNumbers(others.length), described(others)) : null}
      <ul>
        ${texts.method(comparisons.pairing).map((line) => html`<li>${line}</li>`)}
      </ul>`,
  };
}
