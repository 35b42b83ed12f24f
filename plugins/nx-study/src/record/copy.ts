import { cp, lstat, mkdir, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { keepFailed, removeScratch, scratchDirectory } from './attempts.ts';
import type { Slot } from './attempts.ts';
import { renameDurably } from './durable.ts';
import { finishedDirectory } from './paths.ts';

interface Copying {
  /** Whether what lies there now is whole, so that it stays. Anything else is kept among the failed attempts. */
  isWhole(): Promise<boolean>;
  /** Changes the copy before it is put in place. */
  edit?(directory: string): Promise<void>;
}

/**
 * Copies the folder of a finished measurement to the place of a measurement. Returns false where another process was faster,
 * or the file system refuses the new name: then nothing of it is left.
 */
export async function copyFinished(source: string, slot: Slot, { isWhole, edit }: Copying): Promise<boolean> {
  const target = finishedDirectory(slot, slot.digest);
  const temporary = scratchDirectory(target, 'copy');
  await removeScratch(slot);
  await copyFolder(source, temporary);
  await edit?.(temporary);
  try {
    await renameDurably(temporary, target).catch(async (error) => {
      if (await isWhole()) throw error;
      // It is damaged, or counts no more.
      await keepFailed(slot, target);
      await renameDurably(temporary, target);
    });
    return true;
  } catch {
    await rm(temporary, { recursive: true, force: true });
    return false;
  }
}

/** Copies a folder of an attempt in place of whatever is there. */
export async function copyFolder(source: string, target: string): Promise<void> {
  await rm(target, { recursive: true, force: true });
  await mkdir(dirname(target), { recursive: true });
  await cp(source, target, { recursive: true, filter: isCopied });
}

// A FIFO or a socket that a worker left beside its results can't be copied, and has no content.
async function isCopied(path: string): Promise<boolean> {
  const found = await lstat(path);
  return found.isFile() || found.isDirectory() || found.isSymbolicLink();
}
