import type { Quantity, Sample } from '../kinds/kind.ts';
import type { Results } from '../state/rows.ts';
import { columnOf } from './column.ts';
import type { Table } from './column.ts';
import { longTable, measured, partsOf } from './of-measurement.ts';
import type { LineOf } from './of-measurement.ts';

interface Line extends LineOf {
  sample: Sample;
  quantity: Quantity;
}

const column = columnOf<Line>;

const samples = longTable<Line>(
  'samples',
  'One row for each number of each call, request, position, …; those of measurements without a result are missing',
  [
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
  ],
);

export const SAMPLES = samples.description;

/** The samples of all measurements, in their order, in parts that fit into memory: a study may have millions of numbers. */
export const samplesParts = (results: Pick<Results, 'study' | 'rows'>): Generator<Table> =>
  partsOf(samples, linesOf(results));

function* linesOf(results: Pick<Results, 'study' | 'rows'>): Generator<Line> {
  for (const { study, row, stored, kind } of measured(results))
    for (const sample of kind.samples?.(stored) ?? [])
      for (const quantity of sample.quantities)
        if (Number.isFinite(quantity.value)) yield { study, row, sample, quantity };
}
