import { csvText } from './csv-text.ts';
import { rowCount, valueOf } from './column.ts';
import type { Table } from './column.ts';

/** CSV in UTF-8: a header, and one line for each row. An empty cell has no value; a setting that is null is written `null`. */
export function csvOf(table: Table): string {
  const { columns } = table;
  const lines = Array.from({ length: rowCount(table) }, (_, index) => columns.map((column) => valueOf(column, index)));
  return csvText([columns.map(({ name }) => name), ...lines]);
}
