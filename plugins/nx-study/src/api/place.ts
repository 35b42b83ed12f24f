import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { apiTexts as texts } from './texts.ts';

export interface Place {
  /** The root of the Nx workspace; the working directory when left out. */
  workspaceRoot?: string;
}

/** The root of a workspace, absolute. @throws Error where it has no nx.json. */
export function rootOf({ workspaceRoot = '.' }: Place): string {
  const root = resolve(workspaceRoot);
  if (!existsSync(join(root, 'nx.json'))) throw new Error(texts.noWorkspace(root));
  return root;
}
