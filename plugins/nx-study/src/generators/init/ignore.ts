import { isAbsolute } from 'node:path';
import type { Tree } from '@nx/devkit';

const FILE = '.gitignore';

/**
 * Has git ignore a file or a folder of the workspace, unless it lies elsewhere or a line of .gitignore says so already.
 * @param path - of a folder with / at its end.
 */
export function ignoreInGit(tree: Tree, path: string): void {
  if (isAbsolute(path)) return;
  const text = tree.read(FILE, 'utf8') ?? '';
  const name = path.replace(/\/$/, '').replaceAll('.', '\\.');
  const same = new RegExp(`^/?${name}/?(\\*\\*?)?\\s*$`, 'm');
  if (same.test(text)) return;
  const ending = text === '' || text.endsWith('\n') ? '' : '\n';
  tree.write(FILE, `${text}${ending}/${path}\n`);
}
