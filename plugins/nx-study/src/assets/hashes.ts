import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeAtomically } from '../base/whole-file.ts';
import { assetsRoot } from '../environment/cache.ts';
import { errorCode } from '../base/errno.ts';
import { holderLabel } from '../machine/holder.ts';
import { acquireLock } from '../machine/lock.ts';
import { folderHash } from './manifest.ts';
import type { FileStamp, Stamp } from './stamp.ts';

const rememberedSchema = z.record(z.string(), z.strictObject({ stamp: z.string(), sha256: z.string() }));
type Remembered = z.infer<typeof rememberedSchema>;

/** The hashes of this user's large files, as long as their stamps are the same. */
export interface Hashes {
  /** null when it has to be hashed. */
  ofFile(file: FileStamp): string | null;
  /** Whether it was hashed before, with whatever stamp. */
  knew(file: FileStamp): boolean;
  /** null when one of its files has to be hashed. */
  of(stamp: Stamp): Promise<string | null>;
}

const hashesFile = (): string => join(assetsRoot(), 'hashes.json');

/** Reads the remembered hashes of assets. */
export async function openHashes(): Promise<Hashes> {
  const remembered = await recall();
  const ofFile = ({ absolute, stamp }: FileStamp) => {
    const known = remembered[absolute];
    return known?.stamp === stamp ? known.sha256 : null;
  };
  return {
    ofFile,
    knew: ({ absolute }) => Object.hasOwn(remembered, absolute),
    async of({ isFolder, files }) {
      const hashed = files.map((file) => ({ path: file.path, sha256: ofFile(file) }));
      if (!hashed.every(isHashed)) return null;
      return isFolder ? folderHash(hashed) : hashed[0]!.sha256;
    },
  };
}

/** Remembers hashes for later processes; those of files that are gone are forgotten. */
export async function remember(files: { file: FileStamp; sha256: string }[]): Promise<void> {
  const added = files.map(({ file: { absolute, stamp }, sha256 }) => [absolute, { stamp, sha256 }] as const);
  // Another process may remember others at the same moment.
  const label = await holderLabel({ study: 'assets', measurement: 'hashes', workspace: assetsRoot() });
  const lock = await acquireLock(`${hashesFile()}.lock`, { label, forAllUsers: false });
  try {
    const all = Object.entries({ ...(await recall()), ...Object.fromEntries(added) });
    const gone = await Promise.all(all.map(([path]) => isGone(path)));
    const kept = Object.fromEntries(all.filter((_, index) => !gone[index]));
    await writeAtomically(hashesFile(), JSON.stringify(kept, null, 1));
  } finally {
    lock.release();
  }
}

const isGone = (path: string): Promise<boolean> =>
  stat(path).then(
    () => false,
    (error: unknown) => ['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? ''),
  );

const isHashed = (file: { path: string; sha256: string | null }): file is { path: string; sha256: string } =>
  file.sha256 !== null;

async function recall(): Promise<Remembered> {
  try {
    return rememberedSchema.parse(JSON.parse(await readFile(hashesFile(), 'utf8')));
  } catch {
    return {};
  }
}
