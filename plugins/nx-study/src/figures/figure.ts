import { sortableTable, type Column, type Row } from './data-table.ts';
import { html, type Safe } from './html.ts';
import { mark, type Group, type Sign } from './signs.ts';
import { nothingToDraw, onlyFirst } from './texts.ts';

/** The words of a figure. */
export interface Caption {
  id?: string | undefined;
  /** Says what the figure shows, not which kind it is. */
  title: string;
  /** One line: what a mark is, and which side is better. */
  howToRead: string;
  /** For those who can't see it: what is compared with what. */
  description: string;
  /** A file beside the page that has all of the data: a figure that names one shows only the first of many rows. */
  file?: string | undefined;
}

/** One drawing of a figure, with the words above and below it. */
export interface Panel {
  title: string;
  detail?: string | undefined;
  /** Null when nothing of it can be drawn: then a sentence stands there. */
  svg: Safe | null;
  notes?: readonly string[] | undefined;
}

/** An entry of the legend. */
export interface KeyEntry {
  name: string;
  sign: Safe;
}

export interface Figure extends Caption {
  panels: readonly Panel[];
  key?: readonly KeyEntry[] | undefined;
  /** All data that the panels draw, and those that they can't. */
  columns: readonly Column[];
  rows: readonly Row[];
  /** What has no value, when there is no panel. */
  subject: string;
}

/** A `<figure>`: title, how to read it, panels, legend and the data as a table. */
export function figureOf({ id, title, howToRead, file, panels, key = [], columns, rows, subject }: Figure): Safe {
  const shown = file === undefined ? rows : rows.slice(0, MOST_ROWS);
  const drawn = panels.some(({ svg }) => svg !== null);
  return html`<figure${id === undefined ? null : html` id="${id}"`}><figcaption><h3>${title}</h3></figcaption>${
    drawn
      ? html`<p class="how"><b>How to read:</b> ${howToRead}</p>
          <div class="panels">${panels.map(panelOf)}</div>
          ${keyOf(key)}`
      : html`<p class="empty">${nothingToDraw(subject)}</p>`
  }${
    rows.length === 0
      ? null
      : html`<details class="data">
          <summary>The data as a table<span> · ${rows.length} ${rows.length === 1 ? 'row' : 'rows'}</span></summary>
          ${sortableTable({ caption: title, columns, rows: shown })}
          ${shown.length < rows.length ? html`<p class="note">${onlyFirst(shown.length, rows.length, file!)}</p>` : null}
        </details>`
  }</figure>
`;
}

/** Chosen: a page of several figures stays small enough to be sent. */
const MOST_ROWS = 500;

const panelOf = ({ title, detail, svg, notes = [] }: Panel): Safe =>
  html`<div class="panel">
    <p class="panel-title"><b>${title}</b>${detail === undefined ? null : html` <span>${detail}</span>`}</p>
    ${svg ?? html`<p class="empty">${nothingToDraw(title)}</p>`}${notes.map((note) => html`<p class="note">${note}</p>`)}
  </div>`;

const keyOf = (key: readonly KeyEntry[]): Safe | null =>
  key.length === 0
    ? null
    : html`<ul class="key">
        ${key.map(({ name, sign }) => html`<li>${sign} ${name}</li>`)}
      </ul>`;

/** A sign of the legend: 16 units wide, read out by its name only. */
export const keySign = (body: Safe): Safe =>
  html`<svg class="sign" viewBox="0 0 16 12" width="16" height="12" aria-hidden="true">${body}</svg>`;

/** The legend of groups of marks; none for a single one. */
export const keyOfGroups = (groups: readonly Group[], signs: ReadonlyMap<string, Sign>): KeyEntry[] =>
  groups.length < 2
    ? []
    : groups.map(({ name }) => ({
        name,
        sign: keySign(mark(signs.get(name)!, { x: 8, y: 6, size: 4, classes: 'est' })),
      }));
