import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { studyTexts } from '../errors/study.ts';
import type { Text } from '../errors/study.ts';
import type { Place, Problem } from '../plan/problem.ts';
import { isInside } from '../worker/read.ts';
import type { Study } from './schema.ts';

/** The data files that don't exist, aren't files, or lead out of the workspace. */
export async function dataFileProblems(workspaceRoot: string, files: Map<string, Place>): Promise<Problem[]> {
  const found = await Promise.all(
    [...files].map(async ([file, at]): Promise<Problem[]> => {
      const text = await problemOf(workspaceRoot, file);
      return text ? [{ at, ...text }] : [];
    }),
  );
  return found.flat();
}

/** A platform that has no profile. */
export async function platformProblem(workspaceRoot: string, { platform }: Study): Promise<Problem[]> {
  if (platform === null || platform === 'any' || platform === 'host') return [];
  const files = await readdir(join(workspaceRoot, 'studies/platforms')).catch(() => []);
  const known = ['any', 'host', ...files.filter((file) => file.endsWith('.yaml')).map((file) => file.slice(0, -5))];
  return known.includes(platform) ? [] : [{ at: ['platform'], ...studyTexts.unknownPlatform(platform, known) }];
}

async function problemOf(workspaceRoot: string, file: string): Promise<Text | null> {
  const path = join(workspaceRoot, file);
  try {
    const found = await stat(path);
    if (!(await isInside(workspaceRoot, path))) return studyTexts.dataLinkOutside(file, await realpath(path));
    return found.isFile() ? null : studyTexts.dataNotFile(file);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ENOTDIR'
      ? studyTexts.dataMissing(file)
      : studyTexts.dataUnreadable(file, message);
  }
}
