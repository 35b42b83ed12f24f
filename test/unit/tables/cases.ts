import type { Cell, ColumnType, Table } from '../../../plugins/nx-study/src/tables/column.ts';

const column = (name: string, type: ColumnType, cells: Cell[], unit = '') => ({
  name,
  type,
  unit,
  description: `Column ${name}`,
  cells,
});

/** All types, with values that get lost easily. */
export const TABLE: Table = {
  name: 'mixed',
  description: 'One row for each case',
  columns: [
    column('configuration.a.b', 'text', ['', 'two\nlines ✅', undefined, null]),
    column('seed', 'integer', [0, -5, 2 ** 40, undefined]),
    column('time_s', 'number', [1.5, 1e-300, undefined, -0.25], 's'),
    column('flag', 'boolean', [true, undefined, false, null]),
    column('started_at', 'time', ['2026-03-01T10:00:00.25Z', undefined, undefined, undefined]),
    column('any', 'json', ['auto', 4, { a: [1] }, undefined]),
    column('nothing', 'text', [undefined, undefined, undefined, undefined]),
  ],
};
