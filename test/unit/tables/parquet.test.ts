import { expect, test } from 'vitest';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { parquetOf } from '../../../plugins/nx-study/src/tables/parquet.ts';
import { describeTable } from '../../../plugins/nx-study/src/tables/schema.ts';
import { TABLE } from './cases.ts';
import type { Table } from '../../../plugins/nx-study/src/tables/column.ts';

const bytesOf = (one: Table, parts = [one]) => Buffer.concat([...parquetOf(describeTable(one), parts)]);
const bufferOf = (bytes: Uint8Array) =>
  bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;

test('values come back as they were', async () => {
  const rows = await parquetReadObjects({ file: bufferOf(bytesOf(TABLE)) });
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
  const bytes = bytesOf(TABLE);
  const { key_value_metadata: metadata } = parquetMetadata(bufferOf(bytes));
  expect(JSON.parse(metadata!.find(({ key }) => key === 'nx-study')!.value!)).toEqual(describeTable(TABLE));
  expect(bytesOf(TABLE).equals(bytes)).toBe(true);
});

test('parts follow one another, and no part is an empty table', async () => {
  const turned = { ...TABLE, columns: TABLE.columns.map((one) => ({ ...one, cells: one.cells.toReversed() })) };
  const rows = await parquetReadObjects({ file: bufferOf(bytesOf(TABLE)) });
  const both = bufferOf(bytesOf(TABLE, [TABLE, turned]));
  expect(await parquetReadObjects({ file: both })).toEqual([...rows, ...rows.toReversed()]);
  expect(await parquetReadObjects({ file: bufferOf(bytesOf(TABLE, [])) })).toEqual([]);
});
