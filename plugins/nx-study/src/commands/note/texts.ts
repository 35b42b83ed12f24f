import { nxRun } from '../../workspace/project.ts';

/** Words of notes, and of the command that starts them. */
export const noteTexts = {
  title: (study: string) => `Note on ${study}`,
  slug: 'note',
  emptyTitle: '--title is empty. Leave it out, or write a few words.',
  date: (date: string) => `Date: ${date}`,
  study: (file: string) => `Study: ${file}`,
  states: (measurements: string, states: readonly string[]) => `${measurements}: ${states.join(', ')}`,
  noQuestion: 'The study has no description.',
  page: 'the report as a page',
  noReport: (study: string) => `There is no report yet: \`npx ${nxRun(study, 'report')}\` writes it.`,
  written: (file: string) => `Note: ${file}`,
};
