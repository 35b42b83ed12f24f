import type { Text } from '../base/words.ts';
import type { Import } from './imports.ts';

/** Why not all modules of a Python file can be found. */
export const pythonTexts = {
  above: (from: string, { line, level, module }: Import, folder: string): Text => ({
    message: `${from}, line ${line}, imports \`${'.'.repeat(level)}${module.join('.')}\` from above ${nameOf(folder)}`,
    hint: `Modules of the workspace count where they lie in ${nameOf(folder)} or below. Move the file or the module.`,
  }),
  link: (file: string, target: string): Text => ({
    message: `${file} is a link to ${target}, which has other modules beside it`,
    hint: 'Name the file itself.',
  }),
  outside: (module: string, file: string): Text => ({
    message: `${module}, which ${file} imports, is a link that leaves the workspace`,
    hint: `Copy the module into the workspace.`,
  }),
};

const nameOf = (folder: string): string => (folder === '.' ? 'the workspace' : `the folder ${folder}`);
