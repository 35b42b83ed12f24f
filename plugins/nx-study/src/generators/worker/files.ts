import { formatFiles } from '@nx/devkit';
import type { Tree } from '@nx/devkit';
import { FsTree } from 'nx/src/generators/tree.js';
import { workersFolder } from '../../workspace/places.ts';
import { workerTexts as texts } from '../texts.ts';

/** A file that a worker is made of. */
export interface NewFile {
  /** Relative to the workspace. */
  path: string;
  text: string;
  /** Whether other workers share it. */
  isKit: boolean;
}

/** The folder of what several workers share, relative to the workspace. */
export const kitsOf = (workspaceRoot: string): string => `${workersFolder(workspaceRoot)}/kits`;

/**
 * Writes a worker's files into the tree, as the workspace's formatter would leave them.
 * @throws Error where kit files of the workspace differ, which other workers use; nothing is written then.
 */
export async function addFiles(tree: Tree, files: NewFile[], { replaceKits }: { replaceKits: boolean }): Promise<void> {
  const differing = await differencesOf(tree, files);
  const foreign = differing.filter(({ isKit, own }) => isKit && own !== null).map(({ path }) => path);
  if (foreign.length > 0 && !replaceKits) throw new Error(texts.kitsDiffer(foreign));
  for (const { path, text } of differing) tree.write(path, text);
}

/** A file that is not as it would be written now. */
export interface Difference extends NewFile {
  /** Null where the workspace has no such file. */
  own: string | null;
}

/** The files that the workspace has neither as they are nor formatted, each with its text as formatted. */
export async function differencesOf(tree: Tree, files: NewFile[]): Promise<Difference[]> {
  const formatted = await formattedTexts(tree.root, files);
  return files.flatMap((file, index): Difference[] => {
    const own = tree.read(file.path, 'utf8');
    const text = formatted[index]!;
    return own === file.text || own === text ? [] : [{ ...file, text, own }];
  });
}

async function formattedTexts(workspaceRoot: string, files: NewFile[]): Promise<string[]> {
  const scratch = new FsTree(workspaceRoot, false);
  for (const { path, text } of files) scratch.write(path, text);
  await formatFiles(scratch);
  return files.map(({ path }) => scratch.read(path, 'utf8')!);
}
