import { posix } from 'node:path';
import fastGlob from 'fast-glob';

/** The globs of a manifest, relative to the worker's folder. */
export const workerPatterns = (patterns: string[]): string[] =>
  patterns.map((pattern) => pattern.replace('{kits}', '../kits'));

/** Whether a glob excludes files that others match; `!(a|b)` does not, it is a glob of its own. */
export const isNegation = (pattern: string): boolean => pattern.startsWith('!') && pattern[1] !== '(';

/** The globs that match something, relative to the workspace. */
export const workspacePatterns = (root: string, patterns: string[]): string[] =>
  workerPatterns(patterns)
    .filter((pattern) => !isNegation(pattern))
    .map((pattern) => posix.join(root, pattern));

/** How the globs of a manifest are read. */
export const GLOBBING = {
  absolute: true,
  dot: true,
  // Links are listed, and hashed by the files that they lead to; links to folders are refused.
  followSymbolicLinks: false,
  onlyFiles: false,
  markDirectories: true,
} satisfies fastGlob.Options;

/** Files and folders that the globs of a manifest match, absolute and sorted; folders end with `/`. */
export function matched(folder: string, patterns: string[], options: fastGlob.Options = {}): string[] {
  const found = fastGlob.sync(patterns, { ...GLOBBING, cwd: folder, ...options });
  return found.sort();
}

export const isFolder = (path: string): boolean => path.endsWith('/');
