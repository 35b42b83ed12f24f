import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
// @nx/devkit re-exports these, but its entry also loads the generators.
import {
  buildPackageJsonPatterns,
  buildPackageJsonWorkspacesMatcher,
  globWithWorkspaceContext,
} from 'nx/src/devkit-internals.js';
import type { JsonObject } from '../base/json.ts';
import { isJsonObject } from '../base/json.ts';
import { readProjectFile } from '../workspace/project.ts';

const FILES = ['project.json', '**/project.json', 'package.json', '**/package.json'];

/**
 * Which of these names other projects of the workspace have, each with the file that gives it. Two projects of one name end
 * every command of Nx. Names from project.json and from packages of the workspace are found, as Nx itself reads them; names
 * that other plugins give are not known before all plugins have run.
 */
export async function takenNames(workspaceRoot: string, names: ReadonlySet<string>): Promise<Map<string, string>> {
  const taken = new Map<string, string>();
  if (names.size === 0) return taken;
  const files = await globWithWorkspaceContext(workspaceRoot, FILES);
  const roots = new Set(files.filter((file) => basename(file) === 'project.json').map((file) => dirname(file)));
  const readOne = (file: string) => readProjectFile(join(workspaceRoot, file));
  const isPackage = buildPackageJsonWorkspacesMatcher(buildPackageJsonPatterns(workspaceRoot, readOne));
  for (const file of files) {
    if (basename(file) === 'package.json' && (roots.has(dirname(file)) || !isPackage(file))) continue;
    const name = nameAt(workspaceRoot, file);
    if (name !== null && names.has(name)) taken.set(name, file);
  }
  return taken;
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
