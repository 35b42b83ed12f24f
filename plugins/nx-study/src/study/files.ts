import { realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { valueAt } from '../base/path.ts';
import { lockProblem } from '../environment/lock-text.ts';
import { readLinked } from '../machine/regular-file.ts';
import { ownLock } from '../worker/lock-files.ts';
import type { Worker } from '../worker/manifest.ts';
import { studyTexts } from '../plan/texts.ts';
import type { Plan } from '../plan/types.ts';
import { modulesOf } from '../python/modules.ts';
import type { Place, Problem } from '../yaml/problem.ts';
import { isProfile } from '../platform/name.ts';
import { profileNames, readProfile } from '../platform/read.ts';
import type { Text } from '../base/words.ts';
import type { StudyIssue } from '../yaml/texts.ts';
import { isInside } from '../base/inside.ts';

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

/** What keeps the modules of a plan's Python files from being found. */
export function moduleProblems(workspaceRoot: string, plan: Plan, places: ReadonlyMap<string, Place>): Problem[] {
  const files = plan.experiments.flatMap(({ configuration, pythonFiles }) =>
    pythonFiles.map((path) => valueAt(configuration, path) as string),
  );
  return [...new Set(files)].flatMap((file) =>
    modulesOf(workspaceRoot, file).problems.map((text) => ({ at: places.get(file)!, ...text })),
  );
}

/** What keeps the locks of a study's own from being those of an environment. One that can't be read is a problem of data files. */
export async function lockProblems(
  workspaceRoot: string,
  plan: Plan,
  workers: ReadonlyMap<string, Worker>,
  places: ReadonlyMap<string, Place>,
): Promise<Problem[]> {
  const files = plan.experiments.flatMap(
    ({ worker, configuration }) => ownLock(workers.get(worker)!.manifest.environment, configuration) ?? [],
  );
  const found = [...new Set(files)].map(async (file): Promise<Problem[]> => {
    const content = await readLinked(join(workspaceRoot, file)).catch(() => null);
    const text = content && lockProblem(file, content.toString('utf8'));
    return text ? [{ at: places.get(file)!, ...text }] : [];
  });
  return (await Promise.all(found)).flat();
}

/** Problems of the profile that a study demands: the file doesn't exist, or breaks the grammar of profiles. */
export async function checkProfile(
  workspaceRoot: string,
  platform: string | null,
): Promise<{ problems: Problem[]; issues: StudyIssue[] }> {
  if (platform === null || !isProfile(platform)) return { problems: [], issues: [] };
  const names = await profileNames(workspaceRoot);
  if (names.includes(platform)) return { problems: [], issues: (await readProfile(workspaceRoot, platform)).issues };
  const text = studyTexts.unknownPlatform(platform, ['any', 'host', ...names]);
  return { problems: [{ at: ['platform'], value: platform, ...text }], issues: [] };
}

async function problemOf(workspaceRoot: string, file: string): Promise<Text | null> {
  const path = join(workspaceRoot, file);
  try {
    const found = await stat(path);
    if (!isInside(workspaceRoot, path)) return studyTexts.dataLinkOutside(file, await realpath(path));
    return found.isFile() ? null : studyTexts.dataNotFile(file);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ENOTDIR'
      ? studyTexts.dataMissing(file)
      : studyTexts.dataUnreadable(file, message);
  }
}
