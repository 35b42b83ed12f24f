import { cp, lstat, mkdir, rm } from 'node:fs/promises';
import { dirname, relative } from 'node:path';
import type { MeasureTask } from '../../graph/task.ts';
import { keepFailed, removeScratch, scratchDirectory } from '../../record/attempts.ts';
import { renameDurably, writeRecord } from '../../record/durable.ts';
import { finishedDirectory } from '../../record/paths.ts';
import type { Stored } from '../../record/read.ts';
import type { MeasurementRecord } from '../../record/schema.ts';
import { findOwn, findOther } from '../../state/finished.ts';
import type { Finder } from '../../state/finished.ts';

/** Copies a finished measurement of the same digest from another id or study, after a renaming; null when there is none. */
export async function adoptOther(
  finder: Finder,
  task: MeasureTask,
  index: Map<string, string[]>,
): Promise<Stored | null> {
  const stored = await findOther(finder, task, task.digest, index);
  return stored && copyTo(finder, stored, task);
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
    reused_from: relative(workspaceRoot, stored.directory),
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
