import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import glob from 'fast-glob';
import type { MeasureTask } from '../../graph/task.ts';
import { valueAt } from '../../base/path.ts';
import { modulesOf } from '../../python/modules.ts';
import { resultsFolder } from '../../workspace/places.ts';

// Made anew by `npm ci`, or by Nx.
const MADE = ['node_modules', '.git', '.nx'];

/**
 * The files of a workspace, relative to it: those that git has or would take, without git all but what is installed or built;
 * and data that tasks name, also where git ignores it.
 */
export async function workspaceFiles(workspaceRoot: string, tasks: readonly MeasureTask[]): Promise<string[]> {
  const listed = (await listedByGit(workspaceRoot)) ?? (await listedByName(workspaceRoot));
  const named = tasks.flatMap((task) => dataOf(workspaceRoot, task));
  return [...new Set([...listed, ...named])].filter((file) => existsSync(join(workspaceRoot, file))).toSorted();
}

async function listedByGit(workspaceRoot: string): Promise<string[] | null> {
  const { stdout, failed } = await execa('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: workspaceRoot,
    reject: false,
    env: { GIT_OPTIONAL_LOCKS: '0' },
  });
  return failed ? null : stdout.split('\0').filter((file) => file !== '');
}

const listedByName = (workspaceRoot: string): Promise<string[]> =>
  glob('**/*', {
    cwd: workspaceRoot,
    dot: true,
    followSymbolicLinks: false,
    ignore: [...MADE.map((folder) => `**/${folder}/**`), `${resultsFolder(workspaceRoot)}/**`],
  });

function dataOf(workspaceRoot: string, { configuration, dataFiles, pythonFiles }: MeasureTask): string[] {
  const at = (paths: readonly string[]) =>
    paths.map((path) => valueAt(configuration, path)).filter((file) => typeof file === 'string');
  return [...at(dataFiles), ...at(pythonFiles).flatMap((file) => modulesOf(workspaceRoot, file).files)];
}
