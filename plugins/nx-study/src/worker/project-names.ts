import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
// @nx/devkit re-exports these, but its entry also loads the generators.
import { buildPackageJsonPatterns, buildPackageJsonWorkspacesMatcher } from 'nx/src/devkit-internals.js';
import type { JsonObject } from '../base/json.ts';
import { isJsonObject } from '../base/json.ts';
import { readProjectFile } from '../workspace/project.ts';

/** The files that name projects, as globs of a workspace. */
export const PROJECT_FILES = ['project.json', '**/project.json', 'package.json', '**/package.json'];

/**
 * The names that project.json and packages of the workspace give to projects, as Nx itself reads them, each with its
 * file. Names that other plugins give are not known before all plugins have run.
 * @param files - all files that `PROJECT_FILES` match, relative to the workspace.
 */
export function* projectNames(
  workspaceRoot: string,
  files: readonly string[],
): Generator<[name: string, file: string]> {
  const roots = new Set(files.filter((file) => basename(file) === 'project.json').map((file) => dirname(file)));
  const readOne = (file: string) => readProjectFile(join(workspaceRoot, file));
  const isPackage = buildPackageJsonWorkspacesMatcher(buildPackageJsonPatterns(workspaceRoot, readOne));
  for (const file of files) {
    if (basename(file) === 'package.json' && (roots.has(dirname(file)) || !isPackage(file))) continue;
    const name = nameAt(workspaceRoot, file);
    if (name !== null) yield [name, file];
  }
}

// A project.json without a name leaves it to package.json, and that to the folder.
function nameAt(workspaceRoot: string, file: string): string | null {
  const folder = dirname(file);
  const read = (name: string): JsonObject => {
    const path = join(workspaceRoot, folder, name);
    return existsSync(path) ? readProjectFile(path) : {};
  };
  const own = basename(file) === 'project.json' ? read('project.json')['name'] : undefined;
  const { nx, name } = own === undefined ? read('package.json') : {};
  const found = own ?? (isJsonObject(nx) ? nx['name'] : undefined) ?? name ?? basename(folder).toLowerCase();
  return typeof found === 'string' ? found : null;
}
