import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { parquetOf } from '../../../plugins/nx-study/src/tables/parquet.ts';
import { describeTable } from '../../../plugins/nx-study/src/tables/schema.ts';
import { pythonFor } from '../../helpers/python.ts';
import { TABLE } from './cases.ts';

const READERS = 'test/fixtures/readers';

test('pandas, Polars and DuckDB see the same types and values', { timeout: 600_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'nx-study-readers-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'measurements.parquet');
  await writeFile(file, parquetOf(describeTable(TABLE), [TABLE]));
  const script = join(import.meta.dirname, '../../..', READERS, 'read.py');
  const python = await pythonFor('table-readers', READERS);
  const { pandas, polars, duckdb } = JSON.parse(execFileSync(python, [script, file], { encoding: 'utf8' }));
  expect(pandas.types).toEqual({
    'configuration.a.b': 'string',
    seed: 'Int64',
    time_s: 'Float64',
    flag: 'boolean',
    started_at: 'datetime64[ms, UTC]',
    any: 'string',
    nothing: 'string',
  });
  expect(polars.types).toEqual({
    'configuration.a.b': 'String',
    seed: 'Int64',
    time_s: 'Float64',
    flag: 'Boolean',
    started_at: "Datetime(time_unit='ms', time_zone='UTC')",
    any: 'String',
    nothing: 'String',
  });
  expect(duckdb.types).toEqual({
    'configuration.a.b': 'VARCHAR',
    seed: 'BIGINT',
    time_s: 'DOUBLE',
    flag: 'BOOLEAN',
    started_at: 'TIMESTAMP WITH TIME ZONE',
    any: 'VARCHAR',
    nothing: 'VARCHAR',
  });
  const values = {
    'configuration.a.b': ['', 'two\nlines ✅', null, null],
    seed: [0, -5, 2 ** 40, null],
    time_s: [1.5, 1e-300, null, -0.25],
    flag: [true, null, false, null],
    started_at: ['2026-03-01T10:00:00.250000+00:00', null, null, null],
    any: ['"auto"', '4', '{"a":[1]}', null],
    nothing: [null, null, null, null],
  };
  expect(pandas.values).toEqual(values);
  expect(polars.values).toEqual(values);
});
