import { html } from '../../figures/html.ts';
import type { MaybeSection, PageInput } from '../input.ts';
import { energyFigure } from './energy.ts';
import { memoryFigure } from './memory.ts';
import { subjectsOf } from './subjects.ts';
import { llmTexts as texts } from './texts.ts';

/** How much memory and energy it took. */
export function resourcesSection(input: PageInput): MaybeSection {
  const subjects = subjectsOf(input);
  if (subjects.length === 0) return null;
  return {
    id: 'resources',
    title: texts.resources,
    body: html`${memoryFigure(subjects)} ${energyFigure(subjects)}`,
  };
}
