import { realpathSync, statSync } from 'node:fs';
import { basename, join, posix, relative } from 'node:path';
import { patternHints, patternTexts } from './texts.ts';
import { GLOBBING, isFolder, isNegation, matched, workerPatterns } from './patterns.ts';
import fastGlob from 'fast-glob';
import type { Text } from '../base/words.ts';
import { kitsFolder } from '../workspace/places.ts';

export interface PatternProblem extends Text {
  pattern: string | null;
}

/** Problems of the globs of one key of a manifest: each must match files, else their edits go unnoticed. */
export async function patternProblems(
  workspaceRoot: string,
  root: string,
  key: string,
  patterns: string[],
): Promise<PatternProblem[]> {
  const folder = join(workspaceRoot, root);
  const negations = patterns.filter(isNegation);
  if (patterns.length > 0 && negations.length === patterns.length)
    return [{ pattern: negations[0]!, ...patternTexts.onlyNegations(key) }];
  const found = patterns.map(async (pattern): Promise<Text | null> => {
    const misspelt = shapeProblem(root, pattern);
    if (misspelt || isNegation(pattern)) return misspelt;
    // Hidden files count as well, but a pattern that doesn't name them was not meant for them alone.
    if (filesOf(folder, [pattern], { dot: false }).length === 0)
      return patternTexts.nothing(pattern, await hintFor(workspaceRoot, root, pattern));
    const left = filesOf(folder, [pattern, ...negations]);
    if (left.length === 0) return patternTexts.excluded(pattern, negations);
    const [link] = await linkedFolders(folder, pattern, negations);
    return link === undefined ? null : patternTexts.linked(pattern, asPattern(workspaceRoot, root, link));
  });
  const problems = await Promise.all(found);
  return problems.flatMap((problem, index) => (problem ? { pattern: patterns[index]!, ...problem } : []));
}

function filesOf(folder: string, patterns: string[], options: fastGlob.Options = {}): string[] {
  return matched(folder, workerPatterns(patterns), options).filter((path) => !isFolder(path));
}

/** Links to folders below a glob's beginning: the glob would silently leave out the files behind them. */
async function linkedFolders(folder: string, pattern: string, negations: string[]): Promise<string[]> {
  const [glob] = workerPatterns([pattern]);
  if (!/[*?[({!].*\//.test(glob!)) return [];
  const { base } = fastGlob.generateTasks(glob!)[0]!;
  const below = [posix.join(base, '**'), ...workerPatterns(negations)];
  const found = await fastGlob(below, { ...GLOBBING, cwd: folder, markDirectories: false, objectMode: true });
  const links = found.filter(({ dirent }) => dirent.isSymbolicLink()).map(({ path }) => path);
  const folders = links.filter((path) => statSync(path, { throwIfNoEntry: false })?.isDirectory());
  if (folders.length === 0) return [];
  // A link to a folder below the same beginning leaves nothing out.
  const walked = realpathSync(join(folder, base));
  return folders.filter((path) => !realpathSync(path).startsWith(`${walked}/`));
}

/** Problems of a glob that show without reading any folder. */
function shapeProblem(root: string, pattern: string): Text | null {
  const glob = pattern.replace(/^!/, '');
  // `{a,b}` and `{1..3}` are alternatives.
  const names = [...glob.matchAll(/(?<!\\)\{((?:(?!\.\.)[^{},])*)\}/g)].map(([, name]) => name!);
  const unknown = names.find((name) => name !== 'kits');
  if (unknown !== undefined) return patternTexts.placeholder(pattern, unknown);
  if (glob.lastIndexOf('{kits}') > 0) return patternTexts.kitsInside(pattern);
  if (glob.startsWith('/')) return patternTexts.absolute(pattern);
  const [way] = workerPatterns([glob]);
  return /^\.\.(\/|$)/.test(posix.join(root, way!)) ? patternTexts.outside(pattern) : null;
}

/** A hint by the files that exist. */
async function hintFor(workspaceRoot: string, root: string, pattern: string): Promise<string | null> {
  const folder = join(workspaceRoot, root);
  const shown = (path: string) => asPattern(workspaceRoot, root, path);
  const [hidden] = filesOf(folder, [pattern]);
  if (hidden !== undefined) return patternHints.hidden(shown(hidden));
  const [glob] = workerPatterns([pattern]);
  if (matched(folder, [glob!.replace(/\/+$/, '')]).some(isFolder)) return patternHints.folder(pattern);
  const [other] = filesOf(folder, [pattern], { caseSensitiveMatch: false });
  // Without regard to case some signs are read as a glob's, so that another file may be found.
  const hasCapitals = other !== undefined && /\p{Lu}/u.test(pattern + shown(other));
  if (hasCapitals) return patternHints.otherCase(shown(other));
  if (pattern.includes('\\')) return patternHints.backslash;
  if (fastGlob.isDynamicPattern(glob!)) return null;
  const beside = filesOf(folder, [posix.join(posix.dirname(fastGlob.escapePath(pattern)), '*')]);
  return patternHints.near(
    basename(pattern),
    beside.map((path) => basename(path)),
  );
}

/** The pattern of one file, as a manifest writes it. */
export function asPattern(workspaceRoot: string, root: string, path: string): string {
  const kits = kitsFolder(workspaceRoot);
  const isKit = path.startsWith(`${kits}/`);
  return `${isKit ? '{kits}/' : ''}${fastGlob.escapePath(relative(isKit ? kits : join(workspaceRoot, root), path))}`;
}
