import { basename, dirname, join } from 'node:path';
import type { MeasureTask } from '../graph/task.ts';
import { examine } from '../record/examine.ts';
import { DIGEST_DIGITS, finishedDirectory, measurementDirectory, studyDirectory } from '../record/paths.ts';
import { isFinishedName, subfolders } from '../record/read.ts';
import type { Stored } from '../record/read.ts';
import { holdsFor } from '../amendments/origins.ts';
import type { MeasurementRecord } from '../record/schema.ts';
import type { Own } from './known.ts';
import type { WholeMemory } from '../record/whole-memory.ts';
import { resultsPath } from '../workspace/places.ts';

/** The finished measurement of this digest under the task's own id. */
export async function findOwn(finder: Finder, task: MeasureTask): Promise<Own> {
  const directory = ownDirectory(finder, task);
  const found = await examine(directory, { memory: finder.whole });
  if (found.state === 'absent') return found;
  if (found.record !== null && !isOf(found.record, task, task.digest)) return { state: 'absent' };
  if (found.state === 'whole') return { state: 'whole', stored: storedAt(directory, found) };
  const { damage, record, rederivable } = found;
  return { state: 'damaged', damage: { directory, study: task.study, id: task.id, damage, record, rederivable } };
}

/**
 * Whether a task has a whole result of its own and today's diagnostics, by what is remembered of files that nobody has touched
 * since: then nothing is read. False also where that isn't remembered. `deriving` is the hash of its worker's deriving code.
 */
export function isUntouched(finder: Finder, task: MeasureTask, deriving: string | null): boolean {
  const before = finder.whole.begin(ownDirectory(finder, task));
  if (!before.isKnown || before.isAccepted || before.digest !== task.digest) return false;
  return deriving === null || before.deriving === deriving;
}

/** Finished measurements of the whole workspace by the first digits of their digest. */
export async function indexFinished(workspaceRoot: string): Promise<Map<string, string[]>> {
  const index = new Map<string, string[]>();
  for (const study of await subfolders(resultsPath(workspaceRoot)))
    for (const id of await subfolders(studyDirectory(workspaceRoot, study)))
      for (const name of await subfolders(measurementDirectory({ workspaceRoot, study, id })))
        if (name.length === DIGEST_DIGITS)
          index.set(name, [...(index.get(name) ?? []), finishedDirectory({ workspaceRoot, study, id }, name)]);
  return index;
}

/** A whole result that is not the task's own and counts for it: of its digest, else of one that is accepted instead. */
export async function findReusable(
  finder: Finder,
  task: MeasureTask,
  finished: ReadonlyMap<string, string[]>,
): Promise<Stored | null> {
  const own = ownDirectory(finder, task);
  for (const digest of [task.digest, ...task.accepted.map((origin) => origin.digest)])
    for (const directory of finished.get(digest.slice(0, DIGEST_DIGITS)) ?? []) {
      if (directory === own) continue;
      const found = await examine(directory, { memory: finder.whole });
      if (found.state === 'whole' && isOf(found.record, task, digest)) return storedAt(directory, found);
    }
  return null;
}

/** Whether there is a whole measurement of the same id at another digest that counts without an accepted change. */
export async function hasOtherVersion(finder: Finder, task: MeasureTask): Promise<boolean> {
  const own = ownDirectory(finder, task);
  for (const name of await subfolders(dirname(own))) {
    if (!isFinishedName(name) || name === basename(own)) continue;
    const found = await examine(join(dirname(own), name), { memory: finder.whole });
    if (found.state === 'whole' && holdsFor(found.record, [])) return true;
  }
  return false;
}

/** What is looked at to find measurements: a workspace, and what was found whole in it before. */
export interface Finder {
  workspaceRoot: string;
  whole: WholeMemory;
}

// Its parts by name: this is called several times for each measurement, and a spread of all of a task takes kilobytes each time.
const ownDirectory = ({ workspaceRoot }: Finder, { study, id, digest }: MeasureTask): string =>
  finishedDirectory({ workspaceRoot, study, id }, digest);

const storedAt = (directory: string, { record, derived }: Pick<Stored, 'record' | 'derived'>): Stored => ({
  directory,
  record,
  derived,
  result: null,
});

const isOf = (record: MeasurementRecord, task: MeasureTask, digest: string): boolean =>
  record.digest === digest && holdsFor(record, task.accepted);
