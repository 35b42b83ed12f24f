import { realpathSync } from 'node:fs';
import { dirname, isAbsolute, relative, sep } from 'node:path';
import { tried } from './errno.ts';

/** Whether a path, with all its links followed, stays in the workspace; one that doesn't exist is judged by its name. */
export function isInside(workspaceRoot: string, path: string): boolean {
  const root = realpathSync.native(workspaceRoot);
  const target = tried(() => realpathSync.native(path));
  if (target === null) return contains(workspaceRoot, path);
  return contains(root, target);
}

function contains(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way) && dirname(path) !== path;
}
