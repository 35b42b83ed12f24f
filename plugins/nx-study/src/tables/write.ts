import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeDurably } from '../record/durable.ts';
import { studyRoot } from '../record/paths.ts';
import type { Results } from '../state/rows.ts';
import { csvOf } from './csv.ts';
import { measurementsTable } from './measurements.ts';
import { parquetOf } from './parquet.ts';
import { SAMPLES, samplesParts } from './samples.ts';
import { describeTable } from './schema.ts';

/** Where the tables of a study lie; relative to the workspace. */
export const reportRoot = (study: string) => `${studyRoot(study)}/report`;

/**
 * Replaces the tables of a study's results: `measurements.parquet`, `measurements.csv`, `samples.parquet` and
 * `schema.json`, which describes their columns.
 * @returns the folder that they lie in, relative to the workspace.
 */
export async function writeTables(workspaceRoot: string, results: Results): Promise<string> {
  const root = reportRoot(results.study);
  const folder = join(workspaceRoot, root);
  await mkdir(folder, { recursive: true });
  const measurements = measurementsTable(results);
  const described = describeTable(measurements);
  const schema = { study: results.study, tables: [described, SAMPLES] };
  await writeDurably(join(folder, 'measurements.parquet'), parquetOf(described, [measurements]));
  await writeDurably(join(folder, 'measurements.csv'), csvOf(measurements));
  await writeDurably(join(folder, 'samples.parquet'), parquetOf(SAMPLES, samplesParts(results)));
  await writeDurably(join(folder, 'schema.json'), `${JSON.stringify(schema, null, 2)}\n`);
  return root;
}
