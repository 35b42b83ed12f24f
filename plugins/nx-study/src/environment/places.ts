import { readdirSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, delimiter, dirname, join } from 'node:path';
import { orNull } from '../base/errno.ts';

export interface Surroundings {
  env?: NodeJS.ProcessEnv;
  home?: string;
}

/** Programs that look like a Python 3, each once, in the order of PATH, version managers, usual places. */
export function pythonCandidates({ env = process.env, home = homedir() }: Surroundings = {}): string[] {
  const onPath = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder.startsWith('/'));
  // A shim picks a Python by the folder that it is called in, and may fail, so the installed versions are found directly.
  const [shims, folders] = partition(onPath, (folder) => basename(folder) === 'shims');
  const versions = [
    join(env['PYENV_ROOT'] || join(home, '.pyenv'), 'versions'),
    ...shims.map((folder) => join(dirname(folder), 'versions')),
    join(env['ASDF_DATA_DIR'] || join(home, '.asdf'), 'installs/python'),
    join(env['MISE_DATA_DIR'] || join(dataHome(env, home), 'mise'), 'installs/python'),
    env['UV_PYTHON_INSTALL_DIR'] || join(dataHome(env, home), 'uv/python'),
    '/Library/Frameworks/Python.framework/Versions',
  ];
  const usual = ['/opt/homebrew/bin', '/usr/local/bin', '/usr/bin', join(home, '.local/bin')];
  const all = [...folders, ...versions.flatMap(binFoldersOf), ...usual].flatMap(pythonsIn);
  const byFile = new Map(all.toReversed().map((path) => [orNull(() => realpathSync(path)) ?? path, path]));
  return [...byFile.values()].toReversed();
}

const dataHome = (env: NodeJS.ProcessEnv, home: string) => env['XDG_DATA_HOME'] || join(home, '.local/share');

const binFoldersOf = (folder: string): string[] => list(folder).map((version) => join(folder, version, 'bin'));

const NAME = /^python(?:3(?:\.\d+)?)?$/;

const pythonsIn = (folder: string): string[] =>
  list(folder)
    .filter((name) => NAME.test(name))
    .toSorted()
    .toReversed()
    .map((name) => join(folder, name));

const list = (folder: string): string[] => orNull(() => readdirSync(folder)) ?? [];

function partition<T>(items: T[], test: (item: T) => boolean): [T[], T[]] {
  return [items.filter(test), items.filter((item) => !test(item))];
}
