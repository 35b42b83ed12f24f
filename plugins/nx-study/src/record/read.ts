import { readFile, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { z } from 'zod';
import { resultSchema } from '../worker/result.ts';
import type { Result } from '../worker/result.ts';
import { DIGEST_DIGITS, failedDirectory, measurementRoot, studyRoot } from './paths.ts';
import { derivedSchema, recordSchema } from './schema.ts';
import type { Derived, MeasurementRecord } from './schema.ts';

/** One attempt as it lies on disk. */
export interface Stored {
  /** Absolute. */
  directory: string;
  record: MeasurementRecord;
  /** null when the attempt has no result. */
  result: Result | null;
  /** null when the worker has no `derive`, or it has not run yet. */
  derived: Derived | null;
}

/** The attempt in a folder; null when there is no readable record. */
export async function readStored(directory: string): Promise<Stored | null> {
  const record = await readRecord(directory);
  if (record === null) return null;
  const [result, derived] = await Promise.all([
    readValid(join(directory, 'result.json'), resultSchema),
    readValid(join(directory, 'derived.json'), derivedSchema),
  ]);
  return { directory, record, result, derived };
}

/** Whether it is a finished measurement; a run directory on its way, or one put aside, has another name. */
export const isMeasured = ({ record, directory }: Pick<Stored, 'record' | 'directory'>): boolean =>
  record.outcome === 'measured' && basename(directory) === record.digest.slice(0, DIGEST_DIGITS);

/** Whether it was put aside: a failed attempt, or a result that counts no more. */
export const isPutAside = ({ directory }: Pick<Stored, 'directory'>): boolean =>
  /^\d+$/.test(basename(directory)) && basename(directory).length < DIGEST_DIGITS;

/** null when there is none, or none that is whole. */
export const readRecord = (directory: string): Promise<MeasurementRecord | null> =>
  readValid(join(directory, 'record.json'), recordSchema);

/** All attempts of a study on this disk: finished ones of every digest, failed and interrupted ones. */
export async function readStudy(workspaceRoot: string, study: string): Promise<Stored[]> {
  const ids = await subfolders(join(workspaceRoot, studyRoot(study)));
  const folders = await Promise.all(
    ids
      .filter((id) => id !== 'failed' && id !== 'report')
      .map((id) => attemptFolders(join(workspaceRoot, measurementRoot(study, id)))),
  );
  const failedIds = await subfolders(join(workspaceRoot, studyRoot(study), 'failed'));
  const failed = await Promise.all(
    failedIds.map((id) => attemptFolders(failedDirectory({ workspaceRoot, study, id }))),
  );
  const all = [...folders, ...failed].flat();
  const stored: (Stored | null)[] = [];
  // In slices: a large study has more files than a process may have open.
  for (let from = 0; from < all.length; from += AT_ONCE)
    stored.push(...(await Promise.all(all.slice(from, from + AT_ONCE).map((folder) => readStored(folder)))));
  return stored.filter((one) => one !== null);
}

/** All attempts of all studies on this disk. */
export async function readAllStudies(workspaceRoot: string): Promise<Stored[]> {
  const studies = await subfolders(join(workspaceRoot, 'results'));
  return (await Promise.all(studies.map((study) => readStudy(workspaceRoot, study)))).flat();
}

/** Records of all failed attempts of a study, for each measurement the oldest first. */
export async function readFailures(workspaceRoot: string, study: string): Promise<MeasurementRecord[]> {
  const parent = join(workspaceRoot, studyRoot(study), 'failed');
  const records: (MeasurementRecord | null)[] = [];
  for (const id of await subfolders(parent))
    records.push(...(await Promise.all((await attemptFolders(join(parent, id))).map(readRecord))));
  return records.filter((record) => record !== null);
}

const AT_ONCE = 64;

async function attemptFolders(parent: string): Promise<string[]> {
  return (await subfolders(parent)).map((name) => join(parent, name));
}

/** Names of the folders in a folder, sorted; none when it doesn't exist. */
export async function subfolders(parent: string): Promise<string[]> {
  try {
    const entries = await readdir(parent, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
      .sort();
  } catch (error) {
    if (isAbsence(error)) return [];
    throw error;
  }
}

/** The valid content of a JSON file, else null: a torn or foreign file is no record. */
export async function readValid<T extends z.ZodType>(file: string, schema: T): Promise<z.infer<T> | null> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (isAbsence(error)) return null;
    throw error;
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

// Any other error (too many open files, no permission) says nothing about whether there is a record.
const isAbsence = (error: unknown): boolean =>
  ['ENOENT', 'ENOTDIR', 'EISDIR'].includes((error as NodeJS.ErrnoException).code ?? '');
