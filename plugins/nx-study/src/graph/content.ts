import { statSync } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { z } from 'zod';
import { linkMessage } from './texts.ts';
import { createSHA256 } from 'hash-wasm';
import { sha256 } from '../base/canonical.ts';
import { tried } from '../base/errno.ts';
import { memoized } from '../base/memoized.ts';
import { writeAtomically } from '../base/whole-file.ts';
import { isFolder, matched } from '../worker/patterns.ts';
import { dataFolder } from '../record/data-folder.ts';

/** Hashes of the contents of files at one moment: each file is read once. */
export interface Contents {
  /** SHA-256 of a file, 64 hex digits; null when there is no such file. */
  file(path: string): Promise<string | null>;
  /** Path relative to `root` → SHA-256, for these files. Folders, which end with `/`, are left out. */
  files(root: string, paths: readonly string[]): Promise<Record<string, string>>;
  /** The same for all files that the patterns match. */
  glob(root: string, patterns: string[]): Promise<Record<string, string>>;
  /** Path → mtime and inode of every file that was read: they show that a file was written, even with the same content. */
  written: ReadonlyMap<string, string>;
  /** Remembers the hashes for later processes. */
  save(): Promise<void>;
}

const rememberedSchema = z.record(z.string(), z.object({ stamp: z.string(), sha256: z.string() }));
type Remembered = z.infer<typeof rememberedSchema>;

// A file that changed within the clock's resolution after it was hashed would keep its stamp.
const TOO_YOUNG_MS = 2000;

/**
 * Opens a view of the contents of files as they are now. Hashes are remembered between processes, under
 * `content-hashes.json` of Nx's data folder, as long as size, mtime, ctime (ns) and inode of a file stay the same. A file
 * younger than 2 s is not remembered: it could change again within the clock's resolution.
 */
export async function openContents(workspaceRoot: string): Promise<Contents> {
  const memory = join(dataFolder(workspaceRoot), 'content-hashes.json');
  const remembered = await recall(memory);
  const written = new Map<string, string>();
  let changed = false;

  const hashOf = async (path: string): Promise<string | null> => {
    const now = Date.now();
    const stats = tried(() => statSync(path, { bigint: true, throwIfNoEntry: false }));
    if (!stats?.isFile()) return null;
    const stamp = [stats.size, stats.mtimeNs, stats.ctimeNs, stats.ino].join(':');
    written.set(path, [stats.mtimeNs, stats.ino].join(':'));
    // So that a workspace may be moved.
    const place = relative(workspaceRoot, path);
    const known = remembered[place];
    if (known?.stamp === stamp) return known.sha256;
    const hash = await hashFile(path);
    const youngest = Number(stats.mtimeMs > stats.ctimeMs ? stats.mtimeMs : stats.ctimeMs);
    if (now - youngest > TOO_YOUNG_MS) {
      remembered[place] = { stamp, sha256: hash };
      changed = true;
    }
    return hash;
  };

  const file = memoized(hashOf);

  const files = async (root: string, paths: readonly string[]) => {
    const entries = paths
      .filter((path) => !isFolder(path))
      .map(async (path) => {
        const hash = await file(path);
        if (hash === null) throw new Error(linkMessage(relative(workspaceRoot, path)));
        return [relative(root, path).replaceAll('\\', '/'), hash] as const;
      });
    return Object.fromEntries(await Promise.all(entries));
  };

  return {
    file,
    written,
    files,
    glob: (root, patterns) => files(root, matched(root, patterns)),
    async save() {
      if (!changed) return;
      changed = false;
      // Only a hint: where it can't be written, the next process hashes again.
      await writeAtomically(memory, JSON.stringify(remembered)).catch(() => {});
    },
  };
}

// One process opens contents many times, and reads once which hashes earlier processes remembered.
const recall = memoized(readMemory);

async function readMemory(path: string): Promise<Remembered> {
  try {
    return rememberedSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return {};
  }
}

const LARGE_BYTES = 4 << 20;

/** SHA-256 of a file's content, 64 hex digits; large files are read in pieces. */
export async function hashFile(path: string): Promise<string> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    if (size <= LARGE_BYTES) return (await sha256())(await handle.readFile());
    const hasher = (await createSHA256()).init();
    for await (const chunk of handle.createReadStream({ highWaterMark: 1 << 20, autoClose: false }))
      hasher.update(chunk as Uint8Array);
    return hasher.digest('hex');
  } finally {
    await handle.close();
  }
}
