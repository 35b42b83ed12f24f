import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { writeDurably } from '../record/durable.ts';
import { studyResults } from '../record/paths.ts';
import type { Results } from '../state/rows.ts';
import type { Table } from './column.ts';
import { csvOf } from './csv.ts';
import { measurementsTable } from './measurements.ts';
import { OBSERVATIONS, observationsParts } from './observations.ts';
import { parquetOf } from './parquet.ts';
import { SAMPLES, samplesParts } from './samples.ts';
import { describeTable } from './schema.ts';

/** Where the tables of a study lie, as it is shown to people: relative to the workspace, or absolute where nx.json says so. */
export const reportRoot = (workspaceRoot: string, study: string) => `${studyResults(workspaceRoot, study)}/report`;

export interface TablesToWrite {
  /** Further tables of the study, as Parquet and CSV under their names. */
  more?: readonly Table[];
  /** Whether `observations.parquet` is wanted, which may have millions of rows. Where it is there, it is replaced all the same: it is never older than the rest. */
  observations?: boolean;
}

/**
 * Replaces the tables of a study's results: `measurements.parquet`, `measurements.csv`, `samples.parquet` and
 * `schema.json`, which describes their columns.
 * @returns the folder that they lie in, relative to the workspace or absolute, as `reportRoot` gives it.
 */
export async function writeTables(
  workspaceRoot: string,
  results: Results,
  { more = [], observations = false }: TablesToWrite = {},
): Promise<string> {
  const root = reportRoot(workspaceRoot, results.study);
  const folder = resolve(workspaceRoot, root);
  await mkdir(folder, { recursive: true });
  const tables = [measurementsTable(results), ...more];
  const long = [{ description: SAMPLES, parts: samplesParts }];
  if (observations || existsSync(join(folder, `${OBSERVATIONS.name}.parquet`)))
    long.push({ description: OBSERVATIONS, parts: observationsParts });
  const schema = {
    study: results.study,
    tables: [...tables.map(describeTable), ...long.map(({ description }) => description)],
  };
  for (const table of tables) {
    await writeDurably(join(folder, `${table.name}.parquet`), parquetOf(describeTable(table), [table]));
    await writeDurably(join(folder, `${table.name}.csv`), csvOf(table));
  }
  for (const { description, parts } of long)
    await writeDurably(join(folder, `${description.name}.parquet`), parquetOf(description, parts(results)));
  await writeDurably(join(folder, 'schema.json'), `${JSON.stringify(schema, null, 2)}\n`);
  return root;
}
