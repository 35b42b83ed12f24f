import { html } from '../figures/html.ts';
import type { Safe } from '../figures/html.ts';
import { page } from '../figures/page.ts';
import { detailsSection } from './details.ts';
import { definitionsSection } from './definitions.ts';
import { differencesSection } from './differences.ts';
import { effectsSection } from './effects.ts';
import type { PageInput } from './input.ts';
import { kindSections } from './kinds.ts';
import { leadOf } from './lead.ts';
import { measurementsSection } from './measurements.ts';
import { reproduceSection } from './reproduce.ts';
import { trustSection } from './trust.ts';
import { pageTexts as texts } from './texts.ts';

/**
 * A study's results as one HTML document that needs nothing beside itself: the answer first, then the evidence, all that
 * weakens it, and how to reproduce it. The same results give the same page.
 */
export function studyPage(input: PageInput): string {
  const { study, description } = input.results;
  return page({
    title: description ?? study,
    lead: leadOf(input),
    sections: [
      ...kindSections(input, 'before'),
      differencesSection(input),
      ...kindSections(input, 'after'),
      effectsSection(input),
      trustSection(input),
      measurementsSection(input),
      detailsSection(input),
      reproduceSection(input),
      definitionsSection(input),
    ].flatMap((section) => section ?? []),
    footer: footerOf(input),
  });
}

const footerOf = ({ source }: PageInput): Safe => html`<p>${texts.footer(source.version)}</p>`;
