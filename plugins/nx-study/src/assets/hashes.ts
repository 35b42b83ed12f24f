import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { assetsRoot, writeAtomically } from '../environment/cache.ts';
import { folderHash } from './manifest.ts';
import type { FileStamp, Stamp } from './stamp.ts';

const rememberedSchema = z.record(z.string(), z.strictObject({ stamp: z.string(), sha256: z.string() }));
type Remembered = z.infer<typeof rememberedSchema>;

/** The hashes of this user's large files, as long as their stamps are the same. */
export interface Hashes {
  /** null when it has to be hashed. */
  ofFile(file: FileStamp): string | null;
  /** null when one of its files has to be hashed. */
  of(stamp: Stamp): Promise<string | null>;
}

const hashesFile = (): string => join(assetsRoot(), 'hashes.json');

// What this process found out holds even if another one overwrites the file at the same moment.
const own = new Map<string, { stamp: string; sha256: string }>();

/** Reads what is remembered of assets' contents. */
export async function openHashes(): Promise<Hashes> {
  const remembered = await recall();
  const ofFile = ({ absolute, stamp }: FileStamp) => {
    const known = [own.get(absolute), remembered[absolute]].find((it) => it?.stamp === stamp);
    return known?.sha256 ?? null;
  };
  return {
    ofFile,
    async of({ isFolder, files }) {
      const hashed = files.map((file) => ({ path: file.path, sha256: ofFile(file) }));
      if (!hashed.every(isHashed)) return null;
      return isFolder ? folderHash(hashed) : hashed[0]!.sha256;
    },
  };
}

/** Remembers hashes for later processes. */
export async function remember(files: { file: FileStamp; sha256: string }[]): Promise<void> {
  for (const { file, sha256 } of files) own.set(file.absolute, { stamp: file.stamp, sha256 });
  const all = { ...(await recall()), ...Object.fromEntries(own) };
  await writeAtomically(hashesFile(), JSON.stringify(all, null, 1));
}

const isHashed = (file: { path: string; sha256: string | null }): file is { path: string; sha256: string } =>
  file.sha256 !== null;

async function recall(): Promise<Remembered> {
  try {
    return rememberedSchema.parse(JSON.parse(await readFile(hashesFile(), 'utf8')));
  } catch {
    return {};
  }
}
