import type { ColumnDefinition, Table } from './column.ts';

/** What a table holds, for people and programs that read it. */
export type TableDescription = Omit<Table, 'columns'> & { columns: ColumnDefinition[] };

export const describeTable = ({ name, description, columns }: TableDescription): TableDescription => ({
  name,
  description,
  columns: columns.map(({ name: column, type, unit, description: meaning }) => ({
    name: column,
    type,
    unit,
    description: meaning,
  })),
});
