import { isUtf8 } from 'node:buffer';
import { join } from 'node:path';
import { z } from 'zod';
import { sha256 } from '../../base/canonical.ts';
import { resultTexts } from './texts.ts';
import { kindOf } from '../../kinds/index.ts';
import { hashWithin } from '../../machine/hash-regular.ts';
import { readBounded } from '../../machine/regular-file.ts';
import { isAbsence, MOST_BYTES, whyUnreadable } from '../../record/document.ts';
import { withLines } from '../../record/lines.ts';
import { resultSchema } from '../../worker/result.ts';
import type { Result } from '../../worker/result.ts';
import type { MeasurementRecord } from '../../record/schema.ts';
import { parseStrictly } from '../../base/strict-json.ts';
import { isLocal } from '../../worker/files.ts';

export type RecordedFiles = MeasurementRecord['files'];

export type ResultCheck =
  | { state: 'absent' }
  | { state: 'invalid'; problem: string }
  | { state: 'partial'; result: Result; files: RecordedFiles }
  | { state: 'complete'; result: Result; files: RecordedFiles };

/**
 * Reads `result.json` of a run directory, and checks its shape and the checksums of the files that it names. Whatever the
 * worker left there, it is neither waited for nor read without end.
 */
export async function checkResult(directory: string, kind: string, signal?: AbortSignal): Promise<ResultCheck> {
  let content: Buffer;
  try {
    content = await readBounded(join(directory, 'result.json'), MOST_BYTES.result);
  } catch (error) {
    return isAbsence(error)
      ? { state: 'absent' }
      : { state: 'invalid', problem: resultTexts.unreadable(whyUnreadable(error)) };
  }
  const result = parse(content);
  if (typeof result === 'string') return { state: 'invalid', problem: result };
  if (result.kind !== kind) return { state: 'invalid', problem: resultTexts.kind(result.kind, kind) };
  const own = { path: 'result.json', sha256: (await sha256())(content), bytes: content.length, local: false };
  const side = await sideFiles(directory, result, signal);
  if (typeof side === 'string') return { state: 'invalid', problem: side };
  const whole = await withLines(directory, result);
  if (typeof whole === 'string') return { state: 'invalid', problem: resultTexts.unreadable(whole) };
  const problem = shapeProblem(whole);
  if (problem !== null) return { state: 'invalid', problem };
  return { state: result.partial ? 'partial' : 'complete', result: whole, files: [own, ...side] };
}

function parse(content: Buffer): Result | string {
  if (!isUtf8(content)) return resultTexts.protocol('it is no UTF-8 text');
  try {
    return resultSchema.parse(parseStrictly(content.toString('utf8')));
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
    return resultTexts.protocol(why);
  }
}

function shapeProblem({ kind, ...result }: Result): string | null {
  // A partial result is kept for people; its payload may lack what a complete one has.
  const payload = result.partial ? null : kindOf(kind).payload.safeParse(result.payload);
  return payload?.error ? resultTexts.shape(kind, z.prettifyError(payload.error)) : null;
}

/** What the record says of the files that a result names; else what is wrong with one of them. */
async function sideFiles(directory: string, { files }: Result, signal?: AbortSignal): Promise<RecordedFiles | string> {
  const recorded: RecordedFiles = [];
  for (const { path, sha256 } of files) {
    try {
      const found = await hashWithin(directory, path, signal);
      if (found.sha256 !== sha256) return resultTexts.checksum(path);
      recorded.push({ path, ...found, local: isLocal(path) });
    } catch (error) {
      return isAbsence(error) ? resultTexts.missing(path) : resultTexts.sideFile(path, whyUnreadable(error));
    }
  }
  return recorded;
}
