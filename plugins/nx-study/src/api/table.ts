import type { JsonObject } from '../base/json.ts';
import { rowCount, valueOf } from '../tables/column.ts';
import type { Table as Columns } from '../tables/column.ts';
import { describeTable } from '../tables/schema.ts';
import type { Table } from './types.ts';

/** A table as rows. */
export const tableOf = (table: Columns): Table => ({ ...describeTable(table), rows: [...rowsOf<JsonObject>(table)] });

/** The rows of a table, each with the columns that have a value in it. The caller knows which columns there are. */
export function* rowsOf<T>(table: Columns): Generator<T> {
  for (let index = 0; index < rowCount(table); index += 1) {
    const cells = table.columns.map((column) => [column.name, valueOf(column, index)] as const);
    yield Object.fromEntries(cells.filter(([, cell]) => cell !== undefined)) as T;
  }
}
