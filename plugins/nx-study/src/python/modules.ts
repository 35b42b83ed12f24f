import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { tried } from '../base/errno.ts';
import { isInside } from '../base/inside.ts';
import { memoized } from '../base/memoized.ts';
import type { Text } from '../base/words.ts';
import { importsOf } from './imports.ts';
import type { Import } from './imports.ts';
import { pythonTexts } from './texts.ts';

/** The modules that a Python file imports from its folder, and those that they import. */
export interface Modules {
  /** Without the file itself; relative to the workspace, sorted. */
  files: string[];
  /** Why others may be missing; none where all were found. */
  problems: Text[];
}

/**
 * Finds the modules below the folder of a Python file that it imports, and that these import, by their texts: nothing is run.
 * Names are looked for as Python does when the file's folder is the first in `sys.path`, so a module there stands before an
 * installed package of the same name. An import that finds nothing there is an installed package's. Where the text
 * leaves open what is imported (`from a import b`, `from a import *`), all that may be meant is found.
 * @param file - relative to the workspace. Of one that isn't there, nothing is found. Never throws.
 */
export function modulesOf(workspaceRoot: string, file: string): Modules {
  return new Search(workspaceRoot, file).all();
}

/** A module, or a folder that may hold some; the path is relative to the workspace. */
type Found =
  | { kind: 'module' | 'package'; path: string }
  /** One without `__init__.py`. */
  | { kind: 'folder' };

class Search {
  private readonly workspaceRoot: string;
  private readonly file: string;
  private readonly top: string;
  private readonly found = new Set<string>();
  private readonly problems = new Map<string, Text>();
  private readonly listed = memoized(
    (folder: string) => new Set(tried(() => readdirSync(join(this.workspaceRoot, folder))) ?? []),
  );

  constructor(workspaceRoot: string, file: string) {
    this.workspaceRoot = workspaceRoot;
    this.file = file;
    this.top = posix.dirname(file);
  }

  all(): Modules {
    this.refuseLink();
    this.scan(this.file);
    const files = [...this.found].filter((file) => file !== this.file).toSorted();
    return { files, problems: [...this.problems.values()] };
  }

  /** A link to a file elsewhere has other modules beside it than that file. */
  private refuseLink(): void {
    const path = join(this.workspaceRoot, this.file);
    const [target, folder] = [tried(() => realpathSync(path)), tried(() => realpathSync(dirname(path)))];
    if (target !== null && folder !== null && dirname(target) !== folder)
      this.problem(pythonTexts.link(this.file, target));
  }

  private scan(file: string): void {
    if (this.found.has(file)) return;
    this.found.add(file);
    const path = join(this.workspaceRoot, file);
    if (!isInside(this.workspaceRoot, path)) return this.problem(pythonTexts.outside(file, this.file));
    if (!file.endsWith('.py')) return;
    const source = this.stats(file)?.isFile() ? tried(() => readFileSync(path, 'utf8')) : null;
    if (source === null) return;
    for (const one of scanned(path, source)) this.follow(one, file);
  }

  private follow(one: Import, from: string): void {
    const base = this.baseOf(one, from);
    if (base === null) return this.problem(pythonTexts.above(from, one, this.top));
    let folder: string | null = base;
    for (const part of one.module) folder = folder === null ? null : this.take(folder, part);
    if (folder === null) return;
    for (const name of one.names)
      if (name !== '*') this.take(folder, name);
      else for (const module of this.modulesIn(folder)) this.take(folder, module);
  }

  /** The folder in which an import begins; null where it is above that of the file. */
  private baseOf({ level }: Import, from: string): string | null {
    if (level === 0) return this.top;
    const base = posix.join(posix.dirname(from), ...Array.from({ length: level - 1 }, () => '..'));
    return base === this.top || this.top === '.' || base.startsWith(`${this.top}/`) ? notAbove(base) : null;
  }

  /** Notes the module of a name; returns the folder in which more may be found below it. */
  private take(folder: string, name: string): string | null {
    const found = this.find(folder, name);
    if (found === null) return null;
    if (found.kind !== 'folder') this.scan(found.path);
    return found.kind === 'module' ? null : posix.join(folder, name);
  }

  /** As Python does: a package, a compiled module, a module, and last a folder. */
  private find(folder: string, name: string): Found | null {
    const names = this.listed(folder);
    const below = posix.join(folder, name);
    const isFolder = names.has(name) && this.stats(below)?.isDirectory() === true;
    if (isFolder && this.listed(below).has('__init__.py')) return { kind: 'package', path: `${below}/__init__.py` };
    const compiled = [...names].filter(
      (entry) => entry.startsWith(`${name}.`) && COMPILED.test(entry.slice(name.length)),
    );
    const file = [...compiled, `${name}.py`, `${name}.pyc`].find(
      (entry) => names.has(entry) && this.stats(posix.join(folder, entry))?.isFile(),
    );
    if (file !== undefined) return { kind: 'module', path: posix.join(folder, file) };
    return isFolder ? { kind: 'folder' } : null;
  }

  private modulesIn(folder: string): string[] {
    return [...this.listed(folder)].map((entry) => entry.split('.')[0]!).filter((name) => /^[^\W\d]\w*$/u.test(name));
  }

  private stats(path: string): Stats | null {
    return tried(() => statSync(join(this.workspaceRoot, path)));
  }

  private problem(text: Text): void {
    this.problems.set(text.message, text);
  }
}

const COMPILED = /^(\.[\w-]+)*\.(so|pyd)$/;

const notAbove = (folder: string): string | null => (folder === '..' || folder.startsWith('../') ? null : folder);

const scanned = (path: string, source: string): Import[] => {
  const known = scannedBefore.get(path);
  if (known?.source === source) return known.imports;
  const imports = importsOf(source);
  scannedBefore.set(path, { source, imports });
  return imports;
};

/** Path → its last text, and the imports in it: files are looked at again and again, and rarely change. */
const scannedBefore = new Map<string, { source: string; imports: Import[] }>();
