import { join, relative } from 'node:path';
import { WorkspaceContext } from 'nx/src/native/index.js';
import { workspaceDataDirectoryForWorkspace } from 'nx/src/utils/cache-directory.js';
import { PROJECT_FILES, projectNames } from './project-names.ts';

/** The files of a workspace that neither git nor .nxignore ignores, at one moment. */
export interface WorkspaceFiles {
  /** Whether an absolute path is one of them. */
  has(path: string): boolean;
  /** Name of a project → the file that gives it. */
  projects(): Map<string, string>;
}

/** Lists them as Nx does. Nx's own list may be as old as the process, and an executor's process lives for hours. */
export async function openWorkspaceFiles(workspaceRoot: string): Promise<WorkspaceFiles> {
  const context = new WorkspaceContext(
    workspaceRoot,
    join(workspaceDataDirectoryForWorkspace(workspaceRoot), 'nx-study'),
  );
  // Nx 23 has none: there its readers wait themselves.
  await (context as Partial<Pick<WorkspaceContext, 'ready'>>).ready?.();
  const files = new Set(context.allFileData().map(({ file }) => file));
  return {
    has: (path) => files.has(relative(workspaceRoot, path)),
    projects: () => new Map(projectNames(workspaceRoot, context.glob(PROJECT_FILES).toSorted())),
  };
}
