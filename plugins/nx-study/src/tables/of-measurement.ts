import { findKind } from '../kinds/index.ts';
import type { Kind } from '../kinds/kind.ts';
import type { Stored } from '../record/read.ts';
import { measurementsOf } from '../state/rows.ts';
import type { Results, Row } from '../state/rows.ts';
import { columnOf, filled } from './column.ts';
import type { ColumnOf, Table } from './column.ts';
import { ROWS_PER_GROUP } from './parquet.ts';
import { describeTable } from './schema.ts';
import type { TableDescription } from './schema.ts';

/** A line of a table that has many of each measurement. */
export interface LineOf {
  study: string;
  row: Row;
}

const column = columnOf<LineOf>;

/** Whose line it is. */
export const ofMeasurement: readonly ColumnOf<LineOf>[] = [
  column('study', 'text', 'The study', ({ study }) => study),
  column('id', 'text', 'The measurement', ({ row }) => row.id),
  column('experiment', 'text', 'The id of the configuration', ({ row }) => row.experiment),
  column('label', 'text', 'The name of the configuration', ({ row }) => row.label),
  column('repetition', 'integer', 'The number of the repetition, from 1', ({ row }) => row.repetition),
  column('state', 'text', 'Where the measurement stands', ({ row }) => row.state),
  column('host', 'text', 'The machine that measured', ({ row }) => row.stored?.record.supervisor.host),
  column(
    'machine',
    'text',
    'What tells machines of the same name apart; empty where their system keeps nothing for that',
    ({ row }) => row.stored?.record.supervisor.machine,
  ),
];

/** The measurements that have a result, with what reads it. */
export function* measured({ study, rows }: Pick<Results, 'study' | 'rows'>): Generator<LineOf & MeasuredOf> {
  for (const row of measurementsOf(rows)) {
    const { stored } = row;
    const kind = stored?.result ? findKind(stored.record.kind) : undefined;
    if (stored && kind) yield { study, row, stored, kind };
  }
}

interface MeasuredOf {
  stored: Stored;
  kind: Kind;
}

/** A table whose lines don't fit into memory together. */
export interface LongTable<Line> {
  description: TableDescription;
  columns: readonly ColumnOf<Line>[];
}

export function longTable<Line extends LineOf>(
  name: string,
  description: string,
  own: readonly ColumnOf<Line>[],
): LongTable<Line> {
  const columns = [...ofMeasurement, ...own];
  return { description: describeTable({ name, description, columns }), columns };
}

/** In parts that fit into memory. */
export function* partsOf<Line>({ description, columns }: LongTable<Line>, lines: Iterable<Line>): Generator<Table> {
  let part: Line[] = [];
  const table = (): Table => ({ ...description, columns: filled(columns, part) });
  for (const line of lines) {
    if (part.push(line) < ROWS_PER_GROUP) continue;
    yield table();
    part = [];
  }
  if (part.length > 0) yield table();
}
