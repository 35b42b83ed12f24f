import { realpathSync } from 'node:fs';
import { isAbsolute, join, relative } from 'node:path';
import { tried } from '../base/errno.ts';
import { memoized } from '../base/memoized.ts';

/**
 * Says of a path of the workspace which files stand for it: itself, and what it leads to by links, where that is another
 * file of the workspace. `nx affected` looks at the names of edited files only.
 */
export function openRealPaths(workspaceRoot: string): (path: string) => string[] {
  const root = tried(() => realpathSync(workspaceRoot)) ?? workspaceRoot;
  return memoized((path) => {
    const target = tried(() => realpathSync(join(root, path)));
    const way = target === null ? path : relative(root, target);
    return way === path || way.startsWith('..') || isAbsolute(way) ? [path] : [path, way];
  });
}
