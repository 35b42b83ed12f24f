import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { sha256 } from '../canonical.ts';
import { resultTexts } from '../errors/endings.ts';
import { hashFile } from '../graph/content.ts';
import { kindOf } from '../kinds/index.ts';
import { resultSchema } from '../worker/result.ts';
import type { Result } from '../worker/result.ts';
import { isLocal } from '../record/paths.ts';
import type { MeasurementRecord } from '../record/schema.ts';
import { parseStrictly } from '../strict-json.ts';

export type RecordedFiles = MeasurementRecord['files'];

export type ResultCheck =
  | { state: 'absent' }
  | { state: 'invalid'; problem: string }
  | { state: 'partial'; result: Result; files: RecordedFiles }
  | { state: 'complete'; result: Result; files: RecordedFiles };

/** Reads `result.json` of a run directory, and checks its shape and the checksums of the files that it names. */
export async function checkResult(directory: string, kind: string): Promise<ResultCheck> {
  const text = await readFile(join(directory, 'result.json'), 'utf8').catch(() => null);
  if (text === null) return { state: 'absent' };
  const result = parse(text);
  if (typeof result === 'string') return { state: 'invalid', problem: result };
  const problem = await problemOf(directory, kind, result);
  if (problem !== null) return { state: 'invalid', problem };
  const named = [{ path: 'result.json', sha256: (await sha256())(text) }, ...result.files];
  try {
    const files = await Promise.all(
      named.map(async (file) => {
        const { size } = await stat(join(directory, file.path));
        return { ...file, bytes: size, local: isLocal(file.path) };
      }),
    );
    return { state: result.partial ? 'partial' : 'complete', result, files };
  } catch (error) {
    return { state: 'invalid', problem: resultTexts.gone((error as Error).message) };
  }
}

function parse(text: string): Result | string {
  try {
    return resultSchema.parse(parseStrictly(text));
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
    return resultTexts.protocol(why);
  }
}

async function problemOf(directory: string, kind: string, result: Result): Promise<string | null> {
  if (result.kind !== kind) return resultTexts.kind(result.kind, kind);
  // A partial result is kept for people; its payload may lack what a complete one has.
  const payload = result.partial ? null : kindOf(kind).payload.safeParse(result.payload);
  if (payload?.error) return resultTexts.shape(kind, z.prettifyError(payload.error));
  for (const file of result.files) {
    const found = await hashFile(join(directory, file.path)).catch(() => null);
    if (found === null) return resultTexts.missing(file.path);
    if (found !== file.sha256) return resultTexts.checksum(file.path);
  }
  return null;
}
