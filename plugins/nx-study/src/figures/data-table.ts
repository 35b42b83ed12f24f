import { html, type Fragment, type Safe } from './html.ts';
import { numberText } from './numbers.ts';
import { NO_VALUE } from './texts.ts';

export interface Column {
  name: string;
  /** Its unit or kind, in small letters below the name. */
  detail?: string | undefined;
  /** Texts begin at the left; numbers end at the right. */
  text?: boolean | undefined;
}

/** A number, a text, or null with the reason why there is no value. */
export interface Cell {
  value: number | string | null;
  /** Shown instead of the value; the table is still sorted by the value. */
  shown?: Fragment;
  /** In small letters below: an interval, for example. */
  detail?: Fragment;
  reason?: string | undefined;
}

export interface Row {
  cells: readonly (Cell | number | string | null)[];
  /** Sets it apart, such as the baseline. */
  marked?: boolean | undefined;
}

export interface Table {
  caption: string;
  /** The first column names the rows. */
  columns: readonly Column[];
  rows: readonly Row[];
}

/**
 * A table that the script of the page sorts, and that is complete without it. Each number has its full value in
 * `data-v`; what has none stays at the end in both directions.
 */
export const sortableTable = ({ caption, columns, rows }: Table): Safe =>
  html`<div class="scroll" tabindex="0" role="group" aria-label="${caption}, a table">
    <table data-sort>
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          ${columns.map(head)}
        </tr>
      </thead>
      <tbody>
        ${rows.map((row) => body(row))}
      </tbody>
    </table>
  </div>`;

const head = ({ name, detail, text }: Column, index: number): Safe =>
  html`<th scope="col" ${text || index === 0 ? null : html` class="n"`}>
    <button type="button">${name}${detail === undefined ? null : html` <small>${detail}</small>`}</button>
  </th>`;

const body = ({ cells, marked }: Row): Safe =>
  html`<tr${marked ? html` class="marked"` : null}>${cells.map((one, index) => cell(asCell(one), index === 0))}</tr>
`;

const asCell = (one: Cell | number | string | null): Cell =>
  one !== null && typeof one === 'object' ? one : { value: one };

function cell({ value, shown, detail, reason }: Cell, isName: boolean): Safe {
  const missing = value === null || (typeof value === 'number' && !Number.isFinite(value));
  const small = missing ? (reason ?? detail) : detail;
  const below = small === undefined || small === null ? null : html`<small>${small}</small>`;
  if (missing) return html`<td class="none">${shown ?? NO_VALUE}${below}</td>`;
  if (typeof value === 'number') return html`<td data-v="${value}">${shown ?? numberText(value)}${below}</td>`;
  return isName ? html`<th scope="row">${shown ?? value}${below}</th>` : html`<td>${shown ?? value}${below}</td>`;
}
