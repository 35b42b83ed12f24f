import { open, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { withChecksum } from './document.ts';
import type { Derived, MeasurementRecord } from './schema.ts';

/** Replaces a file so that a reader sees the old or the new content, and a power cut loses neither. */
export async function writeDurably(file: string, content: string): Promise<void> {
  const temporary = `${file}.${process.pid}.tmp`;
  const handle = await open(temporary, 'w');
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
}

/** Writes the record of an attempt into its folder. */
export const writeRecord = (directory: string, record: MeasurementRecord): Promise<void> =>
  writeDocument(join(directory, 'record.json'), record);

/** Writes what was derived from a measurement into its folder. */
export const writeDerived = (directory: string, derived: Derived): Promise<void> =>
  writeDocument(join(directory, 'derived.json'), derived);

async function writeDocument(file: string, document: { checksum: string | null }): Promise<void> {
  await writeDurably(file, `${JSON.stringify(await withChecksum(document), null, 2)}\n`);
}

/** Renames, and makes the new name survive a power cut. */
export async function renameDurably(from: string, to: string): Promise<void> {
  await rename(from, to);
  await syncDirectory(dirname(to));
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } catch (error) {
    // Some network file systems can't sync a directory; the rename itself has happened.
    if (!['EINVAL', 'ENOTSUP', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  } finally {
    await handle.close();
  }
}
