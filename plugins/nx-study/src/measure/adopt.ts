import { cp, mkdir, rm, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { holdsFor } from '../acceptance/origins.ts';
import { hashFile } from '../graph/content.ts';
import type { MeasureTask } from '../graph/task.ts';
import { removeScratch, scratchDirectory } from '../record/attempts.ts';
import { renameDurably, writeRecord } from '../record/durable.ts';
import { DIGEST_DIGITS, finishedDirectory, measurementRoot, studyRoot } from '../record/paths.ts';
import { readStored, subfolders } from '../record/read.ts';
import type { Stored } from '../record/read.ts';
import type { MeasurementRecord } from '../record/schema.ts';

/** The finished measurement of this digest under the task's own id; null when there is none that is whole. */
export async function findOwn(workspaceRoot: string, task: MeasureTask): Promise<Stored | null> {
  return finishedAt(finishedDirectory({ workspaceRoot, ...task }, task.digest), task, task.digest);
}

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
  workspaceRoot: string,
  task: MeasureTask,
  index: Map<string, string[]>,
): Promise<Stored | null> {
  const stored = await findOther(workspaceRoot, task, task.digest, index);
  return stored && copyTo(workspaceRoot, stored, task);
}

/** A finished measurement of a digest that is whole and not the task's own; null when there is none. */
export async function findOther(
  workspaceRoot: string,
  task: MeasureTask,
  digest: string,
  index: Map<string, string[]>,
): Promise<Stored | null> {
  const own = finishedDirectory({ workspaceRoot, ...task }, task.digest);
  for (const directory of index.get(digest.slice(0, DIGEST_DIGITS)) ?? []) {
    const stored = directory === own ? null : await finishedAt(directory, task, digest);
    if (stored) return stored;
  }
  return null;
}

async function finishedAt(directory: string, task: MeasureTask, digest: string): Promise<Stored | null> {
  const stored = await readStored(directory);
  if (!stored || stored.record.digest !== digest || stored.record.outcome !== 'measured') return null;
  return holdsFor(stored.record, task.accepted) && (await isWhole(stored)) ? stored : null;
}

/** Whether the files that travel with a record are as recorded; local ones may have stayed on another machine. */
async function isWhole({ directory, record }: Stored): Promise<boolean> {
  for (const file of record.files) {
    const path = join(directory, file.path);
    if (file.local) {
      const size = await stat(path).then(
        ({ size }) => size,
        () => file.bytes,
      );
      if (size !== file.bytes) return false;
    } else if ((await hashFile(path).catch(() => null)) !== file.sha256) return false;
  }
  return true;
}

/** Copies a finished measurement to where the task's own one belongs, with what its record says differently there. */
export async function copyTo(
  workspaceRoot: string,
  stored: Stored,
  task: MeasureTask,
  changes: Partial<MeasurementRecord> = {},
): Promise<Stored | null> {
  const target = finishedDirectory({ workspaceRoot, ...task }, task.digest);
  const temporary = scratchDirectory(target, 'copy');
  await removeScratch({ workspaceRoot, ...task });
  await mkdir(dirname(target), { recursive: true });
  await rm(temporary, { recursive: true, force: true });
  await cp(stored.directory, temporary, { recursive: true });
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
    await renameDurably(temporary, target);
  } catch {
    await rm(temporary, { recursive: true, force: true });
    return findOwn(workspaceRoot, task);
  }
  return { ...stored, directory: target, record };
}
