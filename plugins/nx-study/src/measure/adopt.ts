import { cp, lstat, mkdir, rm } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { holdsFor } from '../acceptance/origins.ts';
import type { MeasureTask } from '../graph/task.ts';
import { keepFailed, removeScratch, scratchDirectory } from '../record/attempts.ts';
import { renameDurably, writeRecord } from '../record/durable.ts';
import { examine } from '../record/examine.ts';
import type { Damage } from '../record/examine.ts';
import { DIGEST_DIGITS, finishedDirectory, measurementRoot, studyRoot } from '../record/paths.ts';
import { subfolders } from '../record/read.ts';
import type { Stored } from '../record/read.ts';
import type { MeasurementRecord } from '../record/schema.ts';
import type { WholeMemory } from '../record/whole-memory.ts';

/** What is looked at to find measurements: a workspace, and what was found whole in it before. */
export interface Finder {
  workspaceRoot: string;
  whole: WholeMemory;
}

/** What lies under the task's own id and digest. */
export type Own =
  | { state: 'absent' }
  | { state: 'damaged'; damage: Damage; measured: Stored | null }
  | { state: 'whole'; stored: Stored };

/** The finished measurement of this digest under the task's own id. `measured` is one whose diagnostics alone are damaged, without them. */
export async function findOwn(finder: Finder, task: MeasureTask): Promise<Own> {
  const directory = finishedDirectory({ ...finder, ...task }, task.digest);
  const found = await examine(directory, { memory: finder.whole });
  if (found.state === 'absent') return found;
  if (found.record !== null && !isOf(found.record, task, task.digest)) return { state: 'absent' };
  if (found.state === 'whole') return { state: 'whole', stored: storedAt(directory, found) };
  const measured = found.rederivable ? storedAt(directory, { record: found.record!, derived: null }) : null;
  return { state: 'damaged', damage: found.damage, measured };
}

const storedAt = (directory: string, { record, derived }: Pick<Stored, 'record' | 'derived'>): Stored => ({
  directory,
  record,
  derived,
  result: null,
});

const isOf = (record: MeasurementRecord, task: MeasureTask, digest: string): boolean =>
  record.digest === digest && holdsFor(record, task.accepted);

/** Finished measurements of the whole workspace by the first digits of their digest. */
export async function indexFinished(workspaceRoot: string): Promise<Map<string, string[]>> {
  const index = new Map<string, string[]>();
  for (const study of await subfolders(join(workspaceRoot, 'results')))
    for (const id of await subfolders(join(workspaceRoot, studyRoot(study))))
      for (const name of await subfolders(join(workspaceRoot, measurementRoot(study, id))))
        if (name.length === DIGEST_DIGITS)
          index.set(name, [...(index.get(name) ?? []), join(workspaceRoot, measurementRoot(study, id), name)]);
  return index;
}

/** Copies a finished measurement of the same digest from another id or study, after a renaming; null when there is none. */
export async function adoptOther(
  finder: Finder,
  task: MeasureTask,
  index: Map<string, string[]>,
): Promise<Stored | null> {
  const stored = await findOther(finder, task, task.digest, index);
  return stored && copyTo(finder, stored, task);
}

/** A finished measurement of a digest that is whole and not the task's own; null when there is none. */
export async function findOther(
  finder: Finder,
  task: MeasureTask,
  digest: string,
  index: Map<string, string[]>,
): Promise<Stored | null> {
  const own = finishedDirectory({ ...finder, ...task }, task.digest);
  for (const directory of index.get(digest.slice(0, DIGEST_DIGITS)) ?? []) {
    if (directory === own) continue;
    const found = await examine(directory, { memory: finder.whole });
    if (found.state === 'whole' && isOf(found.record, task, digest)) return storedAt(directory, found);
  }
  return null;
}

/** Copies a finished measurement to where the task's own one belongs, with what its record says differently there. */
export async function copyTo(
  finder: Finder,
  stored: Stored,
  task: MeasureTask,
  changes: Partial<MeasurementRecord> = {},
): Promise<Stored | null> {
  const { workspaceRoot } = finder;
  const slot = { workspaceRoot, ...task };
  const target = finishedDirectory(slot, task.digest);
  const temporary = scratchDirectory(target, 'copy');
  await removeScratch(slot);
  await mkdir(dirname(target), { recursive: true });
  await rm(temporary, { recursive: true, force: true });
  await cp(stored.directory, temporary, { recursive: true, filter: isCopied });
  const { study, id, experiment, label, varied } = task;
  const record = {
    ...stored.record,
    study,
    id,
    experiment,
    label,
    varied,
    adopted_from: relative(workspaceRoot, stored.directory),
    ...changes,
  };
  await writeRecord(temporary, record);
  try {
    await renameDurably(temporary, target).catch(async (error) => {
      if ((await findOwn(finder, task)).state !== 'damaged') throw error;
      await keepFailed(slot, target);
      await renameDurably(temporary, target);
    });
  } catch {
    await rm(temporary, { recursive: true, force: true });
    // Another run may have been faster.
    const own = await findOwn(finder, task);
    return own.state === 'whole' ? own.stored : null;
  }
  return { ...stored, directory: target, record };
}

// A FIFO or a socket that a worker left beside its results can't be copied, and holds nothing.
async function isCopied(path: string): Promise<boolean> {
  const found = await lstat(path);
  return found.isFile() || found.isDirectory() || found.isSymbolicLink();
}
