import { join } from 'node:path';
import { workspaceDataDirectoryForWorkspace } from 'nx/src/utils/cache-directory.js';

/** The folder for files that can be made again: within Nx's own data folder of the workspace, which git ignores. */
export const dataFolder = (workspaceRoot: string): string =>
  join(workspaceDataDirectoryForWorkspace(workspaceRoot), 'nx-study');
