import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { hashFile } from '../graph/content.ts';
import { kindOf } from '../kinds/index.ts';
import { resultSchema } from '../worker/result.ts';
import type { Result } from '../worker/result.ts';
import type { MeasurementRecord } from '../record/schema.ts';

export type RecordedFiles = MeasurementRecord['files'];

export type ResultCheck =
  | { state: 'absent' }
  | { state: 'invalid'; problem: string }
  | { state: 'partial'; result: Result; files: RecordedFiles }
  | { state: 'complete'; result: Result; files: RecordedFiles };

/** Reads `result.json` of a run directory, and checks its shape and the checksums of the files that it names. */
export async function checkResult(directory: string, kind: string): Promise<ResultCheck> {
  let text: string;
  try {
    text = await readFile(join(directory, 'result.json'), 'utf8');
  } catch {
    return { state: 'absent' };
  }
  const result = parse(text);
  if (typeof result === 'string') return { state: 'invalid', problem: result };
  const problem = await problemOf(directory, kind, result);
  if (problem !== null) return { state: 'invalid', problem };
  const files = await Promise.all(
    [
      { path: 'result.json', sha256: await hashFile(join(directory, 'result.json')), local: false },
      ...result.files,
    ].map(async (file) => ({ ...file, bytes: (await stat(join(directory, file.path))).size })),
  );
  return { state: result.partial ? 'partial' : 'complete', result, files };
}

function parse(text: string): Result | string {
  try {
    return resultSchema.parse(JSON.parse(text));
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
    return `result.json is not a result of this protocol: ${why}`;
  }
}

async function problemOf(directory: string, kind: string, result: Result): Promise<string | null> {
  if (result.kind !== kind) return `result.json is of kind "${result.kind}", but its worker declares "${kind}"`;
  // A partial result is kept for people; its payload may lack what a complete one has.
  const payload = result.partial ? null : kindOf(kind).payload.safeParse(result.payload);
  if (payload?.error) return `result.json does not fit kind "${kind}": ${z.prettifyError(payload.error)}`;
  for (const file of result.files) {
    const sha256 = await hashFile(join(directory, file.path)).catch(() => null);
    if (sha256 === null) return `result.json names ${file.path}, which is not there`;
    if (sha256 !== file.sha256) return `${file.path} does not have the checksum that result.json names`;
  }
  return null;
}
