import { realpathSync, statSync } from 'node:fs';
import { isAbsolute, join, normalize, resolve } from 'node:path';
import { fillPlaceholders } from './placeholders.ts';
import type { Worker } from './manifest.ts';
import { kitsFolder, resultsPath } from '../workspace/places.ts';

/** A file or folder of the workspace that a command or a variable certainly names. */
export interface Named {
  /** As in the manifest. */
  text: string;
  /** Absolute. */
  path: string;
  isFolder: boolean;
}

type Texts = { command: string[]; env: Record<string, string> };

/**
 * The files and folders of the workspace that a command names: in an argument or a part of one, from a folder that it goes
 * into, as a Python module, or by a program's name in a `PATH` of its own. Files that don't exist are left out.
 */
export function namedFiles(workspaceRoot: string, worker: Worker, command: string[]): Named[] {
  const { env } = worker.manifest;
  const paths = pathsOf(workspaceRoot, worker);
  return [
    ...command.flatMap((text) => paths.pathsIn(text).flatMap((path) => found(text, path, paths))),
    ...modulesOf({ command, env }, paths),
    ...programsOf({ command, env }, paths),
    ...command.flatMap((text) => enteredFrom(text, command, paths)),
  ];
}

/** The same for the value of one variable. */
export function namedByVariable(workspaceRoot: string, worker: Worker, value: string): Named[] {
  const paths = pathsOf(workspaceRoot, worker);
  return paths.pathsIn(value).flatMap((path) => found(value, path, paths));
}

interface WorkerPaths {
  /** Absolute paths below the workspace that a text names. */
  pathsIn(text: string): string[];
  /** Whether a path is below the workspace. */
  isBelow(path: string): boolean;
}

// Where a shell, a list of folders or an option ends a path.
const PATH_PART = /(?:\{(?:worker|kits|workspace)\}|\/)[^\s"'`;,:|&<>()=$*?]*/g;

function pathsOf(workspaceRoot: string, { root }: Worker): WorkerPaths {
  const folders = { worker: join(workspaceRoot, root), kits: kitsFolder(workspaceRoot), workspace: workspaceRoot };
  const real = realpathSync(workspaceRoot);
  // Commands run in a run directory, three folders below the results.
  const run = join(resultsPath(workspaceRoot), 'study/id/run');
  const below = (path: string) => (path.startsWith(`${real}/`) ? join(workspaceRoot, path.slice(real.length)) : path);
  const isBelow = (path: string) => path.startsWith(`${workspaceRoot}/`);
  return {
    isBelow,
    pathsIn(text) {
      const whole = fillPlaceholders(text, folders).replace(/^file:\/\//, '');
      const parts = [...text.matchAll(PATH_PART)].map(([part]) => fillPlaceholders(part, folders));
      const paths = [isAbsolute(whole) || /^(\.\/)*\.\.\//.test(whole) ? resolve(run, whole) : '', ...parts];
      return [...new Set(paths.filter(isAbsolute).map((path) => below(normalize(path).replace(/\/$/, ''))))].filter(
        isBelow,
      );
    },
  };
}

/** The files that a program runs when it is given a folder. */
const WITHIN = ['__main__.py', 'index.js'];

function found(text: string, path: string, { isBelow }: WorkerPaths): Named[] {
  const kind = kindOf(path);
  if (kind === 'file') return [{ text, path, isFolder: false }];
  if (kind === 'folder') {
    const entries = WITHIN.map((name) => join(path, name)).filter((entry) => kindOf(entry) === 'file');
    return [{ text, path, isFolder: true }, ...entries.map((entry) => ({ text, path: entry, isFolder: false }))];
  }
  const script = `${path}.js`;
  return isBelow(script) && kindOf(script) === 'file' ? [{ text, path: script, isFolder: false }] : [];
}

/** `cd {worker} && …`, `env -C {worker} …`, and options of other programs with this meaning. */
const ENTERED = /(?:^|[\s;&|(])(?:cd|pushd|-C|--chdir|--directory|--cwd|--prefix)[\s=]+["']?([^\s"';&|)]+)/g;

function enteredBy(command: string[], paths: WorkerPaths): string[] {
  const folders = [...command.join(' ').matchAll(ENTERED)].flatMap(([, folder]) => paths.pathsIn(folder!));
  return folders.filter((path) => kindOf(path) === 'folder');
}

/** Files that a text names relative to the folders that the command changes into. */
function enteredFrom(text: string, command: string[], paths: WorkerPaths): Named[] {
  const ways = wordsOf(text).filter((word) => /^[^-/{].*\w/.test(word));
  return enteredBy(command, paths).flatMap((folder) =>
    ways.flatMap((way) => {
      const path = join(folder, way);
      return paths.isBelow(path) ? found(text, path, paths) : [];
    }),
  );
}

const wordsOf = (text: string): string[] => text.split(/[\s"'`;,:|&<>()=$]+/);

/** `python -m package.module`, where PYTHONPATH or the folder that is gone into lies in the workspace. */
function modulesOf({ command, env }: Texts, paths: WorkerPaths): Named[] {
  const texts = [...command, ...Object.entries(env).map(([name, value]) => `${name}=${value}`)];
  const listed = texts.flatMap((text) => [...text.matchAll(/PYTHONPATH=(\S+)/g)].map(([, list]) => list!));
  const folders = [...listed.flatMap(paths.pathsIn), ...enteredBy(command, paths)];
  const asked = [...command.join(' ').matchAll(/(?:^|\s)-\w*m\s*([A-Za-z_][\w.]*)/g)].map(([, name]) => name!);
  return asked.flatMap((name) => folders.flatMap((folder) => moduleFiles(folder, name)));
}

/** The files that Python certainly runs for a module: its packages' own ones, and its own. */
function moduleFiles(folder: string, name: string): Named[] {
  const parts = name.split('.');
  const packages = parts.map((_, index) => join(folder, ...parts.slice(0, index + 1), '__init__.py'));
  const own = [`${join(folder, ...parts)}.py`, join(folder, ...parts, '__main__.py')];
  const paths = own.filter((path) => kindOf(path) === 'file');
  if (paths.length === 0) return [];
  const all = [...packages.filter((path) => kindOf(path) === 'file'), ...paths];
  return all.map((path) => ({ text: name, path, isFolder: false }));
}

function programsOf({ command, env }: Texts, paths: WorkerPaths): Named[] {
  const own = command.flatMap((text) => [...text.matchAll(/(?<!\w)PATH=(\S+)/g)].map(([, list]) => list!));
  const folders = [env['PATH'] ?? '', ...own].flatMap(paths.pathsIn);
  return command.flatMap((text) => {
    const programs = wordsOf(text).filter((word) => /^\w[^/]*$/.test(word));
    const paths = folders.flatMap((folder) => programs.map((program) => join(folder, program)));
    return paths.filter((path) => kindOf(path) === 'file').map((path) => ({ text, path, isFolder: false }));
  });
}

function kindOf(path: string): 'file' | 'folder' | null {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats?.isFile() ? 'file' : stats?.isDirectory() ? 'folder' : null;
}
