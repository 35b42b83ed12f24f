import { stringify } from 'csv-stringify/sync';
import { visible, visibleJson } from '../base/visible.ts';
import type { Cell } from './column.ts';

/**
 * RFC 4180: lines end with CR LF; cells with a comma, a quote, a line feed or a carriage return stand in quotes.
 * In text, also in the header, other control characters are written out (`\x1b`), and what a spreadsheet would take for
 * a formula begins with a `'` more (https://owasp.org/www-community/attacks/CSV_Injection). `undefined` is empty.
 */
export const csvText = (lines: readonly (readonly Cell[])[]): string =>
  stringify(
    lines.map((line) => line.map(cellText)),
    { record_delimiter: 'windows', quoted_match: /[\r\n]|^\s|\s$/ },
  );

function cellText(cell: Cell): string {
  if (cell === undefined) return '';
  return typeof cell === 'string' ? unlikeFormula(visibleText(cell)) : visibleJson(cell);
}

/** Text with its control characters written out; tabs and line ends stay. */
export const visibleText = (text: string): string => visible(text, '\t\r\n');

// Text that already has the mark gets one more, so that a reader may take the first one away from all that match
// `^'+\s*[=+\-@]` and has the text as it was.
const FORMULA = /^'*\s*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]/;

const unlikeFormula = (text: string) => (FORMULA.test(text) ? `'${text}` : text);
