import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { pythonFor } from './python.ts';

const FIXTURE = 'test/fixtures/llmd';

/** A Benchmark Report of llm-d, parsed. */
export type Report = any;

/**
 * Benchmark Reports as the package of llm-d reads them, in the order of the files.
 * @param paths - absolute.
 * @throws the program's error where the package refuses one.
 */
export async function readByLlmd(paths: string[]): Promise<Report[]> {
  const python = await pythonFor('llmd-benchmark-report', FIXTURE);
  const script = join(import.meta.dirname, '../..', FIXTURE, 'read.py');
  const read = JSON.parse(execFileSync(python, [script, ...paths], { encoding: 'utf8' })) as Record<string, Report>;
  return paths.map((path) => read[path]);
}
