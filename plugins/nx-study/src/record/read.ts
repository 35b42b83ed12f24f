import { readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { tried } from '../base/errno.ts';
import type { Result } from '../worker/result.ts';
import { isAbsence, whyUnreadable } from './document.ts';
import { examine, readRecordDocument } from './examine.ts';
import type { Damage, Examined } from './examine.ts';
import { resultsPath } from '../workspace/places.ts';
import { DIGEST_DIGITS, isPartial, isScratch, studyDirectory } from './paths.ts';
import type { Derived, MeasurementRecord } from './schema.ts';
import { openWholeMemory } from './whole-memory.ts';
import type { WholeMemory } from './whole-memory.ts';

/** One attempt as it lies on disk. A finished measurement is whole. */
export interface Stored {
  /** Absolute. */
  directory: string;
  record: MeasurementRecord;
  /** null when the attempt has no result, or nobody asked for it. */
  result: Result | null;
  /** null when the worker has no `derive`, or it has not run yet. */
  derived: Derived | null;
}

/** A folder that can't be used: a finished measurement that isn't whole, or an attempt without a readable record. */
export interface Unusable extends Omit<Extract<Examined, { state: 'damaged' }>, 'state'> {
  /** Absolute. */
  directory: string;
  study: string;
  /** Of the measurement to which the folder belongs. */
  id: string;
}

/** All attempts of a study. */
export interface Attempts {
  stored: Stored[];
  unusable: Unusable[];
}

/** The finished measurement in a folder, with its result; null when there is none that is whole. */
export async function readStored(directory: string): Promise<Stored | null> {
  const examined = await examine(directory, { withResult: true });
  return examined.state === 'whole' ? { directory, ...withoutState(examined) } : null;
}

/** Whether it is a finished measurement in its own place; run directories and results that were put aside have other names. */
export const isMeasured = ({ record, directory }: Pick<Stored, 'record' | 'directory'>): boolean =>
  record.outcome === 'measured' && basename(directory) === record.digest.slice(0, DIGEST_DIGITS);

/** Whether a folder of that name is one of a finished measurement. */
export const isFinishedName = (name: string): boolean => name.length === DIGEST_DIGITS && /^[0-9a-f]+$/.test(name);

/** Whether it was put aside: a failed attempt, or a result that counts no more. */
export const isPutAside = ({ directory }: Pick<Stored, 'directory'>): boolean =>
  /^\d+$/.test(basename(directory)) && basename(directory).length < DIGEST_DIGITS;

/** The record in an attempt's folder; null when there is none, or it was altered or can't be read. */
export async function readRecord(directory: string): Promise<MeasurementRecord | null> {
  const read = await readRecordDocument(directory);
  return read.state === 'good' ? read.value : null;
}

interface Options {
  memory?: WholeMemory;
  /** Whether the numbers of finished measurements are wanted. */
  withResults?: boolean;
}

/**
 * Reads all attempts of a study on this disk: finished ones of every digest, failed and interrupted ones.
 * @param options.withResults - read the numbers of finished measurements too; without it `result` is null.
 * @returns folders that can't be used are in `unusable`, with the reason. A study without results has none of both.
 * @throws only errors that say nothing about a file: too many open files, no memory.
 */
export async function readStudy(workspaceRoot: string, study: string, options: Options = {}): Promise<Attempts> {
  if (options.memory)
    return readStudyIn(studyDirectory(workspaceRoot, study), study, { ...options, memory: options.memory });
  const memory = await openWholeMemory(workspaceRoot);
  const attempts = await readStudyIn(studyDirectory(workspaceRoot, study), study, { ...options, memory });
  await memory.save();
  return attempts;
}

/** The same of a study's results in any folder, such as a copy of those of another machine. */
export async function readStudyIn(
  directory: string,
  study: string,
  options: Options & { memory: WholeMemory },
): Promise<Attempts> {
  const { places, unusable } = attemptFolders(directory, study);
  const stored: Stored[] = [];
  // In slices: a large study has more files than a process may have open.
  for (let from = 0; from < places.length; from += AT_ONCE) {
    const slice = places.slice(from, from + AT_ONCE);
    for (const one of await Promise.all(slice.map((place) => readAttempt(place, options))))
      if (one !== null && 'damage' in one) unusable.push(one);
      else if (one !== null) stored.push(one);
  }
  return { stored, unusable };
}

/** All attempts of all studies on this disk, without the numbers of their results. */
export async function readAllStudies(workspaceRoot: string): Promise<Attempts> {
  const memory = await openWholeMemory(workspaceRoot);
  const all: Attempts[] = [];
  for (const study of await subfolders(resultsPath(workspaceRoot)))
    all.push(await readStudy(workspaceRoot, study, { memory }));
  await memory.save();
  return { stored: all.flatMap(({ stored }) => stored), unusable: all.flatMap(({ unusable }) => unusable) };
}

/** Records of all failed attempts of a study, for each measurement the oldest first. */
export async function readFailures(workspaceRoot: string, study: string): Promise<MeasurementRecord[]> {
  const parent = join(studyDirectory(workspaceRoot, study), 'failed');
  const records: (MeasurementRecord | null)[] = [];
  for (const id of await subfolders(parent)) {
    const folders = await subfolders(join(parent, id));
    records.push(...(await Promise.all(folders.map((name) => readRecord(join(parent, id, name))))));
  }
  return records.filter((record) => record !== null);
}

const AT_ONCE = 64;

type AttemptFolder = Pick<Unusable, 'directory' | 'study' | 'id'>;

function attemptFolders(directory: string, study: string): { places: AttemptFolder[]; unusable: Unusable[] } {
  const root = { study, id: study, directory };
  const unusable: Unusable[] = [];
  const namesIn = (parent: AttemptFolder) => {
    const { names, problem } = listFolders(parent.directory);
    if (problem !== null) unusable.push(unusableAt(parent, { file: '.', message: `its folder ${problem}` }));
    return names;
  };
  const ids = namesIn(root).filter((id) => id !== 'failed' && id !== 'report');
  const failedIds = namesIn({ ...root, directory: join(directory, 'failed') });
  const parents = [
    ...ids.map((id) => ({ study, id, directory: join(directory, id) })),
    ...failedIds.map((id) => ({ study, id, directory: join(directory, 'failed', id) })),
  ];
  const places: AttemptFolder[] = [];
  for (const parent of parents)
    for (const name of namesIn(parent)) places.push({ ...parent, directory: join(parent.directory, name) });
  return { places, unusable };
}

async function readAttempt(
  place: AttemptFolder,
  { memory, withResults = false }: Options,
): Promise<Stored | Unusable | null> {
  const { directory } = place;
  if (isScratch(directory)) return null;
  if (isFinishedName(basename(directory))) {
    const examined = await examine(directory, { withResult: withResults, ...(memory && { memory }) });
    if (examined.state === 'absent') return null;
    return examined.state === 'whole'
      ? { directory, ...withoutState(examined) }
      : { ...place, ...withoutState(examined) };
  }
  const read = await readRecordDocument(directory);
  if (read.state === 'good') return { directory, record: read.value, result: null, derived: null };
  // An attempt that has just begun has no record yet, or no complete one.
  if (read.state === 'absent' || isPartial(directory)) return null;
  return unusableAt(place, { file: 'record.json', message: `record.json ${read.why}` });
}

const unusableAt = (place: AttemptFolder, damage: Damage): Unusable => ({
  ...place,
  damage,
  record: null,
  rederivable: false,
});

function withoutState<T extends { state: string }>(examined: T): Omit<T, 'state'> {
  const { state: _, ...rest } = examined;
  return rest;
}

/** Names of the folders in a folder, sorted, also behind links; none when it doesn't exist, or can't be read. */
export const subfolders = async (parent: string): Promise<string[]> => listFolders(parent).names;

function listFolders(parent: string): { names: string[]; problem: string | null } {
  try {
    // Cheaper than the error of a folder that doesn't exist, of which there are many.
    if (!statSync(parent, { throwIfNoEntry: false })) return { names: [], problem: null };
    const entries = readdirSync(parent, { withFileTypes: true });
    const names: string[] = [];
    for (const entry of entries)
      if (
        entry.isDirectory() ||
        // Anything in the place of a finished measurement is examined, also a file or a broken link.
        isFinishedName(entry.name) ||
        (entry.isSymbolicLink() && leadsToFolder(join(parent, entry.name)))
      )
        names.push(entry.name);
    return { names: names.sort(), problem: null };
  } catch (error) {
    return { names: [], problem: isAbsence(error) ? null : whyUnreadable(error) };
  }
}

const leadsToFolder = (path: string): boolean => tried(() => statSync(path).isDirectory()) === true;
