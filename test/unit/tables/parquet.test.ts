import { expect, test } from 'vitest';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { parquetOf } from '../../../plugins/nx-study/src/tables/parquet.ts';
import { describeTable } from '../../../plugins/nx-study/src/tables/schema.ts';
import type { Cell, ColumnType, Table } from '../../../plugins/nx-study/src/tables/column.ts';

const column = (name: string, type: ColumnType, cells: Cell[], unit = '') => ({
  name,
  type,
  unit,
  description: `Column ${name}`,
  cells,
});

const table: Table = {
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

const bytesOf = (one: Table, parts = [one]) => parquetOf(describeTable(one), parts);
const bufferOf = (bytes: Uint8Array) =>
  bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;

test('values come back as they were', async () => {
  const rows = await parquetReadObjects({ file: bufferOf(bytesOf(table)) });
  expect(rows).toEqual([
    {
      'configuration.a.b': '',
      seed: 0n,
      time_s: 1.5,
      flag: true,
      started_at: new Date('2026-03-01T10:00:00.250Z'),
      any: '"auto"',
      nothing: null,
    },
    {
      'configuration.a.b': 'two\nlines ✅',
      seed: -5n,
      time_s: 1e-300,
      flag: null,
      started_at: null,
      any: '4',
      nothing: null,
    },
    {
      'configuration.a.b': null,
      seed: 2n ** 40n,
      time_s: null,
      flag: false,
      started_at: null,
      any: '{"a":[1]}',
      nothing: null,
    },
    { 'configuration.a.b': null, seed: null, time_s: -0.25, flag: null, started_at: null, any: null, nothing: null },
  ]);
});

test('the file says what its columns mean, and the same table gives the same bytes', () => {
  const bytes = bytesOf(table);
  const { key_value_metadata: metadata } = parquetMetadata(bufferOf(bytes));
  expect(JSON.parse(metadata!.find(({ key }) => key === 'nx-study')!.value!)).toEqual(describeTable(table));
  expect(Buffer.from(bytesOf(table)).equals(bytes)).toBe(true);
});

test('parts follow one another, and no part is an empty table', async () => {
  expect(await parquetReadObjects({ file: bufferOf(bytesOf(table, [table, table])) })).toHaveLength(8);
  expect(await parquetReadObjects({ file: bufferOf(bytesOf(table, [])) })).toEqual([]);
});
