import { closeSync, constants, fsync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { openRegular } from '../machine/regular-file.ts';
import { withChecksum } from './document.ts';
import type { Derived, MeasurementRecord } from './schema.ts';
import { naming } from '../base/reason.ts';
import { temporaryBeside } from '../base/whole-file.ts';

const sync = promisify(fsync);
const WRITE_NEW = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/** Replaces a file, by text or pieces of it, so that a reader sees the old or the new content, and a power cut loses neither. */
export async function writeDurably(file: string, content: string | Iterable<Uint8Array>): Promise<void> {
  const temporary = temporaryBeside(file);
  await naming(file, async () => {
    const fd = openSync(temporary, WRITE_NEW, 0o666);
    try {
      for (const piece of typeof content === 'string' ? [content] : content) writeFileSync(fd, piece);
      await sync(fd);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, file);
  });
}

/**
 * Writes `record.json` of an attempt into its folder, with its checksum: a reader sees the old record or the new one, and a
 * power cut loses neither.
 * @throws the system's error, with the path in it.
 */
export const writeRecord = (directory: string, record: MeasurementRecord): Promise<void> =>
  writeDocument(join(directory, 'record.json'), record);

/**
 * Writes a record on a full disk, into the space of the record that is there, which a power cut may tear. Returns false when
 * the new one doesn't fit there.
 */
export async function overwriteRecord(directory: string, record: MeasurementRecord): Promise<boolean> {
  const text = Buffer.from(`${JSON.stringify(await withChecksum(record))}\n`);
  const handle = await openRegular(join(directory, 'record.json'), constants.O_RDWR);
  try {
    const { size } = await handle.stat();
    if (text.length > size) return false;
    await handle.write(text, 0, text.length, 0);
    await handle.truncate(text.length);
    return true;
  } finally {
    await handle.close();
  }
}

/** Writes `derived.json` of a measurement into its folder, as `writeRecord` does. */
export const writeDerived = (directory: string, derived: Derived): Promise<void> =>
  writeDocument(join(directory, 'derived.json'), derived);

async function writeDocument(file: string, document: { checksum: string | null }): Promise<void> {
  await writeDurably(file, `${JSON.stringify(await withChecksum(document), null, 2)}\n`);
}

/** Renames, and makes the new name survive a power cut. */
export async function renameDurably(from: string, to: string): Promise<void> {
  renameSync(from, to);
  await syncDirectory(dirname(to));
}

async function syncDirectory(directory: string): Promise<void> {
  const fd = openSync(directory, 'r');
  try {
    await sync(fd);
  } catch (error) {
    // Some network file systems can't sync a directory; the rename itself has happened.
    if (!['EINVAL', 'ENOTSUP', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  } finally {
    closeSync(fd);
  }
}
