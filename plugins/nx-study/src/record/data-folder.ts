import { join } from 'node:path';
import { workspaceDataDirectoryForWorkspace } from 'nx/src/utils/cache-directory.js';

/** Where this plugin keeps what can be made again: in the folder of the workspace that Nx has for it, and ignores. */
export const dataFolder = (workspaceRoot: string): string =>
  join(workspaceDataDirectoryForWorkspace(workspaceRoot), 'nx-study');
