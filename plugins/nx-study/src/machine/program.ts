import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { orNull } from '../base/errno.ts';

/** The absolute path of a program, in the given folders first, then on the PATH; null when there is none. */
export function findProgram(name: string, first: string[] = [], env: NodeJS.ProcessEnv = process.env): string | null {
  const folders = [...first, ...(env['PATH'] ?? '').split(delimiter)].filter((folder) => folder.startsWith('/'));
  return folders.map((folder) => join(folder, name)).find(isExecutable) ?? null;
}

export const isExecutable = (path: string): boolean => orNull(() => accessSync(path, constants.X_OK)) !== null;
