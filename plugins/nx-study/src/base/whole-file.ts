import { randomUUID } from 'node:crypto';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { naming } from './reason.ts';

/**
 * A name beside a file, for content that is renamed into its place. No process has it twice: several machines may share the
 * folder, and processes of two of them may have the same id.
 */
export const temporaryBeside = (file: string): string => `${file}.${randomUUID()}.tmp`;

/** Replaces a file so that a reader sees the old or the new content, and makes its folder. */
export async function writeAtomically(file: string, content: string): Promise<void> {
  const temporary = temporaryBeside(file);
  await naming(file, async () => {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(temporary, content);
    await rename(temporary, file);
  });
}
