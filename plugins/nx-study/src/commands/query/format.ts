import { forTerminal } from '../../base/terminal.ts';
import { markdownTable, textTable } from '../../base/text-table.ts';
import type { TextColumn } from '../../base/text-table.ts';
import { plain } from '../../base/layout.ts';
import { csvText } from '../../tables/csv-text.ts';
import type { Answered } from './duckdb.ts';
import { queryTexts as texts } from './texts.ts';

export type Format = 'table' | 'markdown' | 'csv' | 'json';

/** An answer as text; what has no value is empty in tables and CSV, and null in JSON. */
export function formatAnswer({ columns, rows }: Answered, format: Format): string {
  if (format === 'json') {
    const objects = rows.map((row) => Object.fromEntries(columns.map(({ name }, index) => [name, row[index]!])));
    return forTerminal(JSON.stringify(objects, null, 2));
  }
  if (format === 'csv')
    return csvText([
      columns.map(({ name }) => name),
      ...rows.map((row) => row.map((cell) => cell ?? undefined)),
    ]).trimEnd();
  if (rows.length === 0) return `${texts.nothing}\n`;
  const shown = columns.map(({ name, type }, index): TextColumn => ({
    head: plain(name),
    unit: '',
    align: NUMERIC.test(type) ? 'right' : 'left',
    cells: rows.map((row) => cellText(row[index]!)),
  }));
  return forTerminal(format === 'markdown' ? markdownTable(shown) : `\n${textTable(shown)}\n`);
}

const NUMERIC = /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DOUBLE|FLOAT|DECIMAL.*)$/;

function cellText(cell: Answered['rows'][number][number]): string {
  if (cell === null) return '';
  return plain(typeof cell === 'string' ? cell : JSON.stringify(cell));
}
