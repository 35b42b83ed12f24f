import { html } from '../figures/html.ts';
import type { Safe } from '../figures/html.ts';
import { page } from '../figures/page.ts';
import type { Section } from '../figures/page.ts';
import type { Comparisons } from '../comparisons/compare.ts';
import type { Results } from '../state/rows.ts';
import { detailsSection } from './details.ts';
import { definitionsSection } from './definitions.ts';
import { differencesSection } from './differences.ts';
import { effectsSection } from './effects.ts';
import { kindSections } from './kinds.ts';
import { leadOf } from './lead.ts';
import { measurementsSection } from './measurements.ts';
import { reproduceSection } from './reproduce.ts';
import { trustSection } from './trust.ts';
import { pageTexts as texts } from './texts.ts';

/** All that a page is made from. */
export interface PageInput {
  results: Results;
  comparisons: Comparisons;
  source: Source;
}

/** Where the results come from. */
export interface Source {
  /** The text of study.yaml; null where it can't be read. */
  study: string | null;
  /** Relative to the workspace. */
  studyFile: string;
  /** The version of nx-study that makes the page. */
  version: string;
  /** Files beside the page, to which it links: name → meaning. */
  files: readonly (readonly [name: string, meaning: string])[];
}

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
      differencesSection(input),
      ...kindSections(input),
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

/** A section, or nothing where there is nothing to say. */
export type MaybeSection = Section | null;

const footerOf = ({ source }: PageInput): Safe => html`<p>${texts.footer(source.version)}</p>`;
