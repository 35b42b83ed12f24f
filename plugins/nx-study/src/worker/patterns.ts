import { isAbsolute, posix } from 'node:path';
import fastGlob from 'fast-glob';
import { resultsFolder } from '../workspace/places.ts';

const WORKSPACE = '{workspace}';

/** A worker's folder, relative to its workspace. */
export interface Place {
  workspaceRoot: string;
  root: string;
}

/** Folders below a workspace's root that never hold code which a worker measures or runs. */
const NEVER = ['.nx/**', '**/node_modules/**', '**/.git/**', '**/.git'];

/**
 * The globs of a manifest, relative to the worker's folder. Where one begins at the root of the workspace, results, installed
 * packages, and what git and Nx keep are left out.
 */
export function workerPatterns({ workspaceRoot, root }: Place, patterns: string[]): string[] {
  const up = posix.relative(root, '');
  const own = patterns.map((pattern) => pattern.replace('{kits}', '../kits').replace(WORKSPACE, up));
  if (!patterns.some(isOfWorkspace)) return own;
  const results = resultsFolder(workspaceRoot);
  const never = isAbsolute(results) ? NEVER : [`${results}/**`, ...NEVER];
  return [...own, ...never.map((glob) => `!${up}/${glob}`)];
}

/** Whether a glob begins at the root of the workspace. */
export const isOfWorkspace = (pattern: string): boolean => pattern.startsWith(WORKSPACE);

/** Whether a glob asks for nothing but what is left out. */
export function isNeverCode(place: Place, glob: string): boolean {
  const [way] = workerPatterns(place, [glob]);
  const path = posix.join(place.root, way!);
  const isBelow = (folder: string) => path === folder || path.startsWith(`${folder}/`);
  return (
    [resultsFolder(place.workspaceRoot), '.nx', '.git'].some(isBelow) ||
    (isOfWorkspace(glob) && /(^|\/)(node_modules|\.git)\//.test(path))
  );
}

/** Whether a glob excludes files that others match; `!(a|b)` does not, it is a glob of its own. */
export const isNegation = (pattern: string): boolean => pattern.startsWith('!') && pattern[1] !== '(';

/** The globs that match something, relative to the workspace. */
export const workspacePatterns = (place: Place, patterns: string[]): string[] =>
  workerPatterns(place, patterns)
    .filter((pattern) => !isNegation(pattern))
    .map((pattern) => posix.join(place.root, pattern));

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
