import { isAbsolute } from 'node:path';
import type { Tree } from '@nx/devkit';

const FILE = '.gitignore';

/** Has git ignore a folder of the workspace, unless it lies elsewhere or a line of .gitignore says so already. */
export function ignoreInGit(tree: Tree, folder: string): void {
  if (isAbsolute(folder)) return;
  const text = tree.read(FILE, 'utf8') ?? '';
  const same = new RegExp(`^/?${folder.replaceAll('.', '\\.')}/?(\\*\\*?)?\\s*$`, 'm');
  if (same.test(text)) return;
  const ending = text === '' || text.endsWith('\n') ? '' : '\n';
  tree.write(FILE, `${text}${ending}/${folder}/\n`);
}
