import type { Tree } from '@nx/devkit';
import { workersFolder } from '../../workspace/places.ts';
import { workerTexts as texts } from '../texts.ts';
import { shippedWorker } from './shipped.ts';
import type { ShippedFile } from './shipped.ts';

/**
 * Copies a shipped worker into a folder of the workspace, with the parts of the kits that it needs.
 * @throws Error where kit files of the workspace differ, which other workers use; nothing is written then.
 */
export function copyWorker(
  tree: Tree,
  folder: string,
  { from, replaceKits }: { from: string; replaceKits: boolean },
): void {
  const { files } = shippedWorker(from);
  addKits(
    tree,
    files.filter(({ isKit }) => isKit),
    replaceKits,
  );
  for (const file of files) if (!file.isKit) tree.write(pathOf(tree, folder, file), file.text);
}

/** Where a shipped file lies in a workspace. */
export const pathOf = (tree: Tree, folder: string, { isKit, path }: ShippedFile): string =>
  `${isKit ? kitsOf(tree) : folder}/${path}`;

const kitsOf = (tree: Tree): string => `${workersFolder(tree.root)}/kits`;

/** Adds files of the kits. @throws Error where the workspace has others of these names. */
export function addKits(tree: Tree, files: ShippedFile[], replace: boolean): void {
  const kits = kitsOf(tree);
  const differing = files.filter(({ path, text }) => ![null, text].includes(tree.read(`${kits}/${path}`, 'utf8')));
  if (differing.length > 0 && !replace)
    throw new Error(
      texts.kitsDiffer(
        kits,
        differing.map(({ path }) => path),
      ),
    );
  for (const { path, text } of files)
    if (tree.read(`${kits}/${path}`, 'utf8') !== text) tree.write(`${kits}/${path}`, text);
}
