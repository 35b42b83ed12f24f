import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import type { MeasureTask } from '../../graph/task.ts';
import { acceptedFiles } from '../../amendments/accepted.ts';
import { takesFile } from '../../amendments/takes.ts';
import { valueAt } from '../../base/path.ts';
import { modulesOf } from '../../python/modules.ts';
import { OWN_FILE } from '../../workspace/entry.ts';
import { exportTexts as texts } from './texts.ts';

/**
 * The files of a workspace, relative to it: those that git has or would take but for a person's own settings; and, also where git ignores them, data that
 * tasks name and the study's amendments.
 * @throws Error without git, as nothing else says which files are secrets, or were made.
 */
export async function workspaceFiles(
  workspaceRoot: string,
  { study, tasks }: { study: string; tasks: readonly MeasureTask[] },
): Promise<string[]> {
  const { stdout, failed } = await execa('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: workspaceRoot,
    reject: false,
    env: { GIT_OPTIONAL_LOCKS: '0' },
  });
  if (failed) throw new Error(texts.noGit);
  const listed = stdout.split('\0').filter((file) => file !== '' && file !== OWN_FILE);
  const named = [
    ...tasks.flatMap((task) => dataOf(workspaceRoot, task)),
    ...(await amendmentsOf(workspaceRoot, study)),
  ];
  return [...new Set([...listed, ...named])].filter((file) => existsSync(join(workspaceRoot, file))).toSorted();
}

/** By them results count that were measured before a change. */
const amendmentsOf = async (workspaceRoot: string, study: string): Promise<string[]> => [
  takesFile(workspaceRoot, study),
  ...(await acceptedFiles(workspaceRoot, study)),
];

function dataOf(workspaceRoot: string, { configuration, dataFiles, pythonFiles }: MeasureTask): string[] {
  const at = (paths: readonly string[]) =>
    paths.map((path) => valueAt(configuration, path)).filter((file) => typeof file === 'string');
  return [...at(dataFiles), ...at(pythonFiles).flatMap((file) => modulesOf(workspaceRoot, file).files)];
}
