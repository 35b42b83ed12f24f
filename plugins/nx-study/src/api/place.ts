import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { forgetOptions, optionsProblem } from '../workspace/options.ts';
import { apiTexts as texts } from './texts.ts';

export interface Place {
  /** The root of the Nx workspace; the working directory when left out. */
  workspaceRoot?: string;
}

/** The root of a workspace, absolute. @throws Error where it has no nx.json, or the plugin's options in that are wrong. */
export function rootOf({ workspaceRoot = '.' }: Place): string {
  const root = resolve(workspaceRoot);
  if (!existsSync(join(root, 'nx.json'))) throw new Error(texts.noWorkspace(root));
  // A program may live on while people edit the file.
  forgetOptions();
  const problem = optionsProblem(root);
  if (problem !== null) throw new Error(problem);
  return root;
}
