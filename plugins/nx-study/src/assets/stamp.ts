import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { assetErrors, pathTexts } from './texts.ts';
import { errorCode } from '../base/errno.ts';
import { partNames } from './name.ts';

/** Tells the contents of a file or folder from other contents without reading them: size, times and inode. */
export interface Stamp {
  isFolder: boolean;
  bytes: number;
  /** By path relative to the folder, sorted; of a single file, that one with the path ''; of a first part, all parts. */
  files: FileStamp[];
}

export interface FileStamp {
  path: string;
  absolute: string;
  /** Size, mtime and ctime (ns) and inode. */
  stamp: string;
  /** Size, mtime and inode: they change when contents are written or another file takes its place, not with links or rights. */
  written: string;
  bytes: number;
  ctimeMs: number;
}

const MOST_FILES = 10_000;

/**
 * The present stamp of a file or folder; null when there is none.
 * @throws AssetError for anything else, a folder without files or with too many, and files that can't be read.
 */
export async function stampOf(path: string): Promise<Stamp | null> {
  try {
    const found = await stat(path, { bigint: true });
    if (found.isFile()) return (await stampOfParts(path)) ?? stampOfFiles(false, [fileStamp('', path, found)]);
    if (!found.isDirectory()) throw assetErrors.path(pathTexts.special(path));
    const files: FileStamp[] = [];
    await walk(path, '', files);
    if (files.length === 0) throw assetErrors.path(pathTexts.empty(path));
    return stampOfFiles(true, files);
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    if (code !== undefined) throw assetErrors.path(pathTexts.unreadable(path, (error as Error).message));
    throw error;
  }
}

/** Equal as long as nothing of it changes. */
export const stampKey = ({ files }: Stamp): string => files.map(({ path, stamp }) => `${path}\0${stamp}`).join('\0');

/** Whether a file between two stamps was written, replaced, added or taken away. */
export function isRewritten(before: Stamp, after: Stamp): boolean {
  const key = ({ files }: Stamp) => files.map(({ path, written }) => `${path}\0${written}`).join('\0');
  return key(before) !== key(after);
}

/** The first part of a model in several files stands for all of them; null for a file that is no first part. */
async function stampOfParts(path: string): Promise<Stamp | null> {
  const names = partNames(basename(path));
  if (names === null) return null;
  const files = names.map(async (name) => {
    const absolute = join(dirname(path), name);
    const found = await stat(absolute, { bigint: true }).catch((error: unknown) => {
      throw errorCode(error) === 'ENOENT' ? assetErrors.path(pathTexts.missingPart(path, name)) : error;
    });
    return fileStamp(name, absolute, found);
  });
  return stampOfFiles(true, await Promise.all(files));
}

function stampOfFiles(isFolder: boolean, files: FileStamp[]): Stamp {
  const sorted = files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  return { isFolder, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0), files: sorted };
}

// Tools leave hidden files beside a model (.git, .cache); no engine reads them.
async function walk(root: string, folder: string, files: FileStamp[]): Promise<void> {
  for (const entry of await readdir(join(root, folder), { withFileTypes: true })) {
    if (entry.name.startsWith('.')) continue;
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    const absolute = join(root, path);
    if (entry.isDirectory()) {
      await walk(root, path, files);
      continue;
    }
    // Follows links: model caches link to their blobs.
    const found = await stat(absolute, { bigint: true });
    if (found.isDirectory()) throw assetErrors.path(pathTexts.linkedFolder(absolute));
    if (!found.isFile()) throw assetErrors.path(pathTexts.special(absolute));
    files.push(fileStamp(path, absolute, found));
    if (files.length > MOST_FILES) throw assetErrors.path(pathTexts.tooMany(root, MOST_FILES));
  }
}

type Stats = Awaited<ReturnType<typeof stat>> & { size: bigint; mtimeNs: bigint; ctimeNs: bigint; ino: bigint };

const fileStamp = (path: string, absolute: string, stats: Stats): FileStamp => ({
  path,
  absolute,
  stamp: [stats.size, stats.mtimeNs, stats.ctimeNs, stats.ino].join(':'),
  written: [stats.size, stats.mtimeNs, stats.ino].join(':'),
  bytes: Number(stats.size),
  ctimeMs: Number(stats.ctimeMs),
});
