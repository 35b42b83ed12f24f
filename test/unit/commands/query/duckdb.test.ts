import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { ask } from '../../../../plugins/nx-study/src/commands/query/duckdb.ts';
import { formatAnswer } from '../../../../plugins/nx-study/src/commands/query/format.ts';
import type { Cell, ColumnType } from '../../../../plugins/nx-study/src/tables/column.ts';
import { parquetOf } from '../../../../plugins/nx-study/src/tables/parquet.ts';
import { describeTable } from '../../../../plugins/nx-study/src/tables/schema.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nx-study-query-'));
  return () => rm(folder, { recursive: true, force: true });
});

/** A Parquet file with these columns. */
async function parquetFile(name: string, columns: Record<string, [ColumnType, Cell[]]>): Promise<string> {
  const file = join(folder, `it's ${name}.parquet`);
  const described = Object.entries(columns).map(([column, [type, cells]]) => ({
    name: column,
    type,
    unit: '',
    description: column,
    cells,
  }));
  const table = { name, description: name, columns: described };
  await writeFile(file, parquetOf(describeTable(table), [table]));
  return file;
}

const measurements = () =>
  parquetFile('one', {
    label: ['text', ['a', 'b', 'c']],
    'configuration.batch': ['integer', [1, 2, undefined]],
    ttft_s: ['number', [0.5, 1.5, undefined]],
    started_at: ['time', ['2026-03-01T10:00:00Z', undefined, undefined]],
  });

test('SQL over a table whose columns have dots, with types and nulls', async () => {
  const sources = [{ name: 'measurements', files: [await measurements()] }];
  const sql = `select label, "configuration.batch" as batch, ttft_s, started_at from measurements order by label`;
  const { columns, rows } = await ask(sql, sources);
  expect(columns).toEqual([
    { name: 'label', type: 'VARCHAR' },
    { name: 'batch', type: 'BIGINT' },
    { name: 'ttft_s', type: 'DOUBLE' },
    { name: 'started_at', type: 'TIMESTAMP WITH TIME ZONE' },
  ]);
  expect(rows.map((row) => row.slice(0, 3))).toEqual([
    ['a', '1', 0.5],
    ['b', '2', 1.5],
    ['c', null, null],
  ]);
});

test('files of several studies go together by the names of their columns, also where a type differs', async () => {
  const other = await parquetFile('two', {
    label: ['text', ['d']],
    'configuration.batch': ['text', ['auto']],
    rhat_max: ['number', [1.01]],
  });
  const sources = [{ name: 'all_measurements', files: [await measurements(), other] }];
  const { rows } = await ask(
    'select label, "configuration.batch", ttft_s, rhat_max from all_measurements order by label',
    sources,
  );
  expect(rows).toEqual([
    ['a', '1', 0.5, null],
    ['b', '2', 1.5, null],
    ['c', null, null, null],
    ['d', 'auto', null, 1.01],
  ]);
});

test('a statement can neither read nor write files, nor undo that', async () => {
  const file = await measurements();
  const sources = [{ name: 'measurements', files: [file] }];
  for (const sql of [
    `copy (select 1) to '${folder}/out.csv'`,
    `select * from read_csv('/etc/passwd')`,
    `select * from '${file.replaceAll("'", "''")}'`,
    `set enable_external_access = true`,
    `install httpfs`,
  ])
    await expect(ask(sql, sources)).rejects.toThrow(/^DuckDB can't answer that: /);
});

test('wrong SQL fails with what is wrong; a source that the SQL does not name is not loaded', async () => {
  await expect(ask('selec 1', [])).rejects.toThrow(/syntax error at or near "selec"/);
  expect((await ask('select 1 as x', [{ name: 'samples', files: ['/nowhere.parquet'] }])).rows).toEqual([[1]]);
});

const ANSWER = {
  columns: [
    { name: 'label', type: 'VARCHAR' },
    { name: 'mean_s', type: 'DOUBLE' },
  ],
  rows: [
    ['a|<b>\u{1B}[31m', 0.5],
    ['=1+1', null],
  ],
};

test('an answer as a table, Markdown, CSV and JSON, in which no text can steer a terminal or begin markup', () => {
  expect(formatAnswer(ANSWER, 'table').split('\n')).toEqual([
    '',
    'label       mean_s',
    '──────────────────',
    'a|<b> [31m     0.5',
    '=1+1',
    '',
  ]);
  expect(formatAnswer(ANSWER, 'markdown').split('\n')).toEqual([
    '| label | mean\\_s |',
    '| :-- | --: |',
    String.raw`| a\|\<b\> \[31m | 0.5 |`,
    '| =1+1 |  |',
  ]);
  expect(formatAnswer(ANSWER, 'csv').split('\r\n')).toEqual(['label,mean_s', String.raw`a|<b>\x1b[31m,0.5`, `'=1+1,`]);
  expect(JSON.parse(formatAnswer(ANSWER, 'json'))).toEqual([
    { label: 'a|<b>\u{1B}[31m', mean_s: 0.5 },
    { label: '=1+1', mean_s: null },
  ]);
  expect(formatAnswer({ ...ANSWER, rows: [] }, 'table')).toBe('no rows\n');
});
