import { rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where environments and uv are kept, for all workspaces of a user. Absolute. */
export function cacheRoot(): string {
  const { NX_STUDY_CACHE_DIR: own, XDG_CACHE_HOME: xdg } = process.env;
  if (own) return own;
  if (xdg) return join(xdg, 'nx-study');
  return join(homedir(), process.platform === 'darwin' ? 'Library/Caches' : '.cache', 'nx-study');
}

/** The folder of assets, and of files that are made from them. Absolute. */
export const assetsRoot = (): string => join(cacheRoot(), 'assets');

/** Moves a finished folder into its place; one that got there first stays. */
export async function moveFolder(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    await rm(from, { recursive: true, force: true });
    if (!(error instanceof Error && 'code' in error && (error.code === 'ENOTEMPTY' || error.code === 'EEXIST')))
      throw error;
  }
}
