// @nx/devkit re-exports this, but its entry also loads the generators.
import { globWithWorkspaceContext } from 'nx/src/devkit-internals.js';
import { PROJECT_FILES, projectNames } from '../worker/project-names.ts';

/**
 * Which of these names other projects of the workspace have, each with the file that gives it. Two projects of one name end
 * every command of Nx. Names that other plugins give are not known before all plugins have run.
 */
export async function takenNames(workspaceRoot: string, names: ReadonlySet<string>): Promise<Map<string, string>> {
  const taken = new Map<string, string>();
  if (names.size === 0) return taken;
  const files = await globWithWorkspaceContext(workspaceRoot, PROJECT_FILES);
  for (const [name, file] of projectNames(workspaceRoot, files)) if (names.has(name)) taken.set(name, file);
  return taken;
}
