import { createHash } from 'node:crypto';
import { chmod, mkdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { canonicalJson } from '../base/canonical.ts';
import { isFolder, matched } from '../worker/patterns.ts';

/** What an image of a worker is built from, as a manifest says. */
export interface Build {
  file: string;
  context: string[];
}

/** All that a build can take in of this machine, as it is now. */
export interface BuildContext {
  /** Path below the worker's folder → content. */
  files: ReadonlyMap<string, Buffer>;
  /** The text of the file with the steps. */
  steps: string;
  /** Over paths and contents, 64 hex digits. */
  hash: string;
}

/** Reads what an image is built from. @throws the system's error where the file can't be read. */
export async function readContext(folder: string, { file, context }: Build): Promise<BuildContext> {
  const paths = matched(folder, context).filter((path) => !isFolder(path));
  const named = [...new Set([file, ...paths.map((path) => relative(folder, path).replaceAll('\\', '/'))])];
  const read = named.map(async (path) => [path, await readFile(join(folder, path))] as const);
  const files = new Map(await Promise.all(read));
  const hashes = Object.fromEntries([...files].map(([path, content]) => [path, sha256(content)]));
  return { files, steps: files.get(file)!.toString('utf8'), hash: sha256(canonicalJson({ file, hashes })) };
}

/**
 * Writes the context into an empty folder, so that the build sees nothing else. All files and folders get the same mode,
 * whatever the umask, and all files the same time: these are in no hash, and an image has them.
 */
export async function writeContext(target: string, { files }: BuildContext): Promise<void> {
  const folders = new Set<string>();
  for (const [path, content] of files) {
    const place = join(target, path);
    await mkdir(dirname(place), { recursive: true });
    for (let folder = dirname(path); folder !== '.'; folder = dirname(folder)) folders.add(folder);
    await writeFile(place, content);
    await chmod(place, MODE);
    await utimes(place, TIME, TIME);
  }
  for (const folder of folders) await chmod(join(target, folder), MODE);
}

const MODE = 0o755;

// Zip archives know no earlier one.
const TIME = new Date('1980-01-01T00:00:00Z');

const sha256 = (content: Buffer | string): string => createHash('sha256').update(content).digest('hex');
