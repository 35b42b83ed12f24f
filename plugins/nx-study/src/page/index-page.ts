import { sortableTable } from '../figures/data-table.ts';
import { answer, chips } from '../figures/blocks.ts';
import { html } from '../figures/html.ts';
import { page } from '../figures/page.ts';
import { withNames } from './sentences.ts';
import { pageTexts as texts } from './texts.ts';

/** What the page over all studies says of one of them. */
export interface StudyEntry {
  study: string;
  /** Its question. */
  description: string | null;
  /** Such as `3 measured (3 PASS)`; null before anything is measured. */
  summary: string | null;
  answer: string[];
  /** When the last of its attempts started; null where there is none. */
  latest: string | null;
  /** The study's own page, relative to this one. */
  page: string;
}

/** One page that leads to the pages of all studies of a workspace, each with its answer. */
export const indexPage = (entries: readonly StudyEntry[]): string =>
  page({
    title: texts.allStudies,
    lead: html`${chips([{ text: texts.studies(entries.length) }])}
    ${sortableTable({
      caption: texts.studiesTable,
      columns: [
        { name: texts.study },
        { name: texts.question, text: true },
        { name: texts.state, text: true },
        { name: texts.latest, text: true },
      ],
      rows: entries.map((entry) => ({
        cells: [
          { value: entry.study, shown: html`<a href="${entry.page}">${entry.study}</a>` },
          entry.description ?? '',
          entry.summary ?? texts.notMeasured,
          entry.latest ?? '',
        ],
      })),
    })}`,
    sections: entries.map((entry) => ({
      id: `study-${entry.study}`,
      title: entry.description ?? entry.study,
      body: html`${answer(entry.answer.map(withNames))}
        <p><a href="${entry.page}">${texts.pageOf(entry.study)}</a></p>`,
    })),
    footer: html`<p>${texts.indexFooter}</p>`,
  });
