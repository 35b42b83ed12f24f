import type { SchemaElement } from 'hyparquet';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { ColumnSource } from 'hyparquet-writer';
import type { Cell, Column, ColumnDefinition, ColumnType, Table } from './column.ts';
import type { TableDescription } from './schema.ts';

/**
 * A table as an Apache Parquet file, compressed with Snappy; `parts` have the same columns, and are written one after another. Types come from the columns, never from the values: times are
 * timestamps in ms that say that they are UTC, integers have 64 bits, JSON is text. What has no value is null, as a setting
 * that is null. The same table gives the same bytes. The file's metadata have units and descriptions under `nx-study`.
 * @returns the file in pieces, one for each part.
 */
export function* parquetOf(description: TableDescription, parts: Iterable<Table>): Generator<Uint8Array> {
  const writer = new ByteWriter();
  const parquet = new ParquetWriter({
    writer,
    schema: [{ name: 'root', num_children: description.columns.length }, ...description.columns.map(elementOf)],
    kvMetadata: [{ key: 'nx-study', value: JSON.stringify(description) }],
    createdBy: 'nx-study',
  });
  // Both are done when they return: this writer has nothing to wait for.
  for (const { columns } of parts) {
    void parquet.write({ columnData: columns.map(sourceOf), rowGroupSize: ROWS_PER_GROUP });
    yield taken(writer);
  }
  void parquet.finish();
  yield taken(writer);
}

/** What was written since the last time. */
function taken(writer: ByteWriter): Uint8Array {
  const bytes = writer.getBytes().slice();
  writer.index = 0;
  return bytes;
}

export const ROWS_PER_GROUP = 100_000;

const TYPES: Readonly<Record<ColumnType, Omit<SchemaElement, 'name'>>> = {
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  json: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  integer: { type: 'INT64' },
  number: { type: 'DOUBLE' },
  boolean: { type: 'BOOLEAN' },
  time: {
    type: 'INT64',
    converted_type: 'TIMESTAMP_MILLIS',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' },
  },
};

const elementOf = ({ name, type }: ColumnDefinition): SchemaElement => ({
  name,
  repetition_type: 'OPTIONAL',
  ...TYPES[type],
});

function sourceOf({ name, type, cells }: Column): ColumnSource {
  return { name, data: cells.map((cell) => (cell === undefined || cell === null ? null : VALUES[type](cell))) };
}

type Value = NonNullable<Cell>;

const VALUES: Readonly<Record<ColumnType, (value: Value) => unknown>> = {
  text: (value) => value,
  json: (value) => JSON.stringify(value),
  // The writer takes 64-bit integers as BigInt only.
  integer: (value) => BigInt(value as number),
  number: (value) => value,
  boolean: (value) => value,
  time: (value) => new Date(value as string),
};
