import type { Section } from '../figures/page.ts';
import type { PageInput } from './input.ts';
import type { KindPage } from './kind-page.ts';
import { llmPage } from './llm/llm-page.ts';
import { posteriorPage } from './posterior/posterior-page.ts';

const kindPages: readonly KindPage[] = [llmPage, posteriorPage];

const used = ({ results }: PageInput): KindPage[] => {
  const kinds = new Set(results.rows.flatMap(({ stored }) => stored?.record.kind ?? []));
  return kindPages.filter(({ kind }) => kinds.has(kind));
};

export const kindSections = (input: PageInput): Section[] => used(input).flatMap(({ sections }) => sections(input));

export const kindAnswer = (input: PageInput): string[] => used(input).flatMap(({ answer }) => answer?.(input) ?? []);
