import { findKind } from '../kinds/index.ts';
import type { Quantity, Sample } from '../kinds/kind.ts';
import { measurementsOf } from '../state/rows.ts';
import type { Results, Row } from '../state/rows.ts';
import { columnOf, filled } from './column.ts';
import type { ColumnOf, Table } from './column.ts';
import { ROWS_PER_GROUP } from './parquet.ts';
import type { TableDescription } from './schema.ts';

interface Line {
  study: string;
  row: Row;
  sample: Sample;
  quantity: Quantity;
}

const column = columnOf<Line>;

const columns: readonly ColumnOf<Line>[] = [
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
  column('workload', 'text', 'The workload', ({ sample }) => sample.workload ?? undefined),
  column(
    'sample',
    'text',
    'What it is: `request`, `iteration`, `ideal-point.positions`, …',
    (line) => line.sample.sample,
  ),
  column('index', 'integer', 'Its place among those of its measurement, from 0', ({ sample }) => sample.index),
  column('item', 'text', 'Its name', ({ sample }) => sample.item ?? undefined),
  column('attributes', 'json', 'Facts about it that are no numbers', ({ sample }) =>
    Object.keys(sample.attributes).length === 0 ? undefined : sample.attributes,
  ),
  column('status', 'text', 'How it ended', ({ sample }) => sample.status ?? undefined),
  column('quantity', 'text', 'The name of the number, with its unit', ({ quantity }) => quantity.name),
  column('unit', 'text', 'The unit of the number', ({ quantity }) => quantity.unit || undefined),
  column('value', 'number', 'The number', ({ quantity }) => quantity.value),
];

export const SAMPLES: TableDescription = {
  name: 'samples',
  description:
    'One row for each number of each call, request, position, …; those of measurements without a result are missing',
  columns: columns.map(({ name, type, unit, description }) => ({ name, type, unit, description })),
};

/** The samples of all measurements, in their order, in parts that fit into memory: a study may have millions of numbers. */
export function* samplesParts({ study, rows }: Pick<Results, 'study' | 'rows'>): Generator<Table> {
  let lines: Line[] = [];
  for (const line of linesOf(study, rows)) {
    if (lines.push(line) < ROWS_PER_GROUP) continue;
    yield tableOf(lines);
    lines = [];
  }
  if (lines.length > 0) yield tableOf(lines);
}

function* linesOf(study: string, rows: readonly Row[]): Generator<Line> {
  for (const row of measurementsOf(rows)) {
    const { stored } = row;
    if (stored === null || stored.result === null) continue;
    for (const sample of findKind(stored.record.kind)?.samples?.(stored) ?? [])
      for (const quantity of sample.quantities)
        if (Number.isFinite(quantity.value)) yield { study, row, sample, quantity };
  }
}

const tableOf = (lines: readonly Line[]): Table => ({
  ...SAMPLES,
  columns: filled(columns, lines),
});
