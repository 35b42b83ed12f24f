import { realpathSync } from 'node:fs';
import { isAbsolute, join, relative } from 'node:path';
import { tried } from '../base/errno.ts';
import { memoized } from '../base/memoized.ts';

/**
 * Returns the files of the workspace that stand for a path: the path itself, and the file that it leads to by links, where
 * that lies in the workspace too. `nx affected` compares names of edited files only, so both must be inputs.
 */
export function openRealPaths(workspaceRoot: string): (path: string) => string[] {
  const root = tried(() => realpathSync(workspaceRoot)) ?? workspaceRoot;
  return memoized((path) => {
    const target = tried(() => realpathSync(join(root, path)));
    const way = target === null ? path : relative(root, target);
    return way === path || way.startsWith('..') || isAbsolute(way) ? [path] : [path, way];
  });
}
