import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { expect, test } from 'vitest';
import { writeTables } from '../../../plugins/nx-study/src/tables/write.ts';
import { planOf, workspaceOf } from '../commands/report/workspace.ts';
import { payload } from '../kinds/evidence.ts';
import { parseCsv } from './csv.ts';

const id = 'normal-1a2b3c4d';

test('all tables are there, agree, and are replaced as a whole', async () => {
  const { write, results, workspaceRoot } = await workspaceOf(planOf({ normal: {} }));
  const root = await writeTables(workspaceRoot, await results());
  expect(root).toBe('results/senate-beta-prior/report');
  await write({ id, payload });
  await writeTables(workspaceRoot, await results());
  const folder = join(workspaceRoot, root);
  const files = await readdir(folder);
  expect(files.sort()).toEqual(['measurements.csv', 'measurements.parquet', 'samples.parquet', 'schema.json']);
  const [line] = parseCsv(await readFile(join(folder, 'measurements.csv'), 'utf8'));
  const file = await asyncBufferFromFile(join(folder, 'measurements.parquet'));
  const [row] = await parquetReadObjects({ file });
  expect(line).toMatchObject({ state: 'measured', seed: '4000' });
  expect(row).toMatchObject({ state: 'measured', seed: 4000n, rss_peak_bytes: 431_000_000 });
  const { study, tables } = JSON.parse(await readFile(join(folder, 'schema.json'), 'utf8'));
  expect(study).toBe('senate-beta-prior');
  const [measurements, samples] = tables;
  expect(measurements.columns.map(({ name }: { name: string }) => name)).toEqual(Object.keys(row!));
  expect(samples).toMatchObject({
    name: 'samples',
    columns: expect.arrayContaining([expect.objectContaining({ name: 'value' })]),
  });
});
