import { realpath } from 'node:fs/promises';
import { dirname, isAbsolute, relative, sep } from 'node:path';

/** Whether a path, with all its links followed, stays in the workspace; one that doesn't exist is judged by its name. */
export async function isInside(workspaceRoot: string, path: string): Promise<boolean> {
  const [root, target] = await Promise.all([realpath(workspaceRoot), realpath(path).catch(() => null)]);
  if (target === null) return contains(workspaceRoot, path);
  return contains(root, target);
}

function contains(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way) && dirname(path) !== path;
}
