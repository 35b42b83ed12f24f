import { realpathSync, statSync } from 'node:fs';
import { basename, join, posix, relative } from 'node:path';
import { patternHints, patternTexts } from './texts.ts';
import { GLOBBING, isFolder, isNegation, isNeverCode, matched, workerPatterns } from './patterns.ts';
import type { Place } from './patterns.ts';
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
  const filesOf = filesBelow({ workspaceRoot, root });
  const negations = patterns.filter(isNegation);
  if (patterns.length > 0 && negations.length === patterns.length)
    return [{ pattern: negations[0]!, ...patternTexts.onlyNegations(key) }];
  const found = patterns.map(async (pattern): Promise<Text | null> => {
    const misspelt = shapeProblem({ workspaceRoot, root }, pattern);
    if (misspelt || isNegation(pattern)) return misspelt;
    // Hidden files count as well, but a pattern that doesn't name them was not meant for them alone.
    if (filesOf([pattern], { dot: false }).length === 0)
      return patternTexts.nothing(pattern, await hintFor(workspaceRoot, root, pattern));
    const left = filesOf([pattern, ...negations]);
    if (left.length === 0) return patternTexts.excluded(pattern, negations);
    const [link] = await linkedFolders({ workspaceRoot, root }, [pattern, ...negations]);
    return link === undefined ? null : patternTexts.linked(pattern, asPattern(workspaceRoot, root, link));
  });
  const problems = await Promise.all(found);
  return problems.flatMap((problem, index) => (problem ? { pattern: patterns[index]!, ...problem } : []));
}

const filesBelow =
  (place: Place) =>
  (patterns: string[], options: fastGlob.Options = {}): string[] =>
    matched(folderOf(place), workerPatterns(place, patterns), options).filter((path) => !isFolder(path));

const folderOf = ({ workspaceRoot, root }: Place): string => join(workspaceRoot, root);

/** Links to folders below a glob's beginning: the glob would silently leave out the files behind them. */
async function linkedFolders(place: Place, patterns: string[]): Promise<string[]> {
  const folder = folderOf(place);
  const [glob, ...negations] = workerPatterns(place, patterns);
  if (!/[*?[({!].*\//.test(glob!)) return [];
  const { base } = fastGlob.generateTasks(glob!)[0]!;
  const below = [posix.join(base, '**'), ...negations];
  const found = await fastGlob(below, { ...GLOBBING, cwd: folder, markDirectories: false, objectMode: true });
  const links = found.filter(({ dirent }) => dirent.isSymbolicLink()).map(({ path }) => path);
  const folders = links.filter((path) => statSync(path, { throwIfNoEntry: false })?.isDirectory());
  if (folders.length === 0) return [];
  // A link to a folder below the same beginning leaves nothing out.
  const walked = realpathSync(join(folder, base));
  return folders.filter((path) => !realpathSync(path).startsWith(`${walked}/`));
}

/** A project's folder has no links to folders but those that a glob leaves out. */
export async function linkProblem(place: Place, patterns: string[]): Promise<Text | null> {
  const [link] = await linkedFolders(place, patterns);
  const { workspaceRoot, root } = place;
  return link === undefined ? null : patternTexts.linked(patterns[0]!, asPattern(workspaceRoot, root, link));
}

/** Problems of a glob that show without reading any folder. */
function shapeProblem(place: Place, pattern: string): Text | null {
  const glob = pattern.replace(/^!/, '');
  // `{a,b}` and `{1..3}` are alternatives.
  const names = [...glob.matchAll(/(?<!\\)\{((?:(?!\.\.)[^{},])*)\}/g)].map(([, name]) => name!);
  const unknown = names.find((name) => !PLACES.includes(name));
  if (unknown !== undefined) return patternTexts.placeholder(pattern, unknown);
  const inside = PLACES.find((name) => glob.lastIndexOf(`{${name}}`) > 0);
  if (inside !== undefined) return patternTexts.inside(pattern, inside);
  if (glob.startsWith('/')) return patternTexts.absolute(pattern);
  const [way] = workerPatterns(place, [glob]);
  if (/^\.\.(\/|$)/.test(posix.join(place.root, way!))) return patternTexts.outside(pattern);
  return isNeverCode(place, glob) && !isNegation(pattern) ? patternTexts.never(pattern) : null;
}

/** The placeholders with which a glob may begin. */
const PLACES = ['kits', 'workspace'];

/** A hint by the files that exist. */
async function hintFor(workspaceRoot: string, root: string, pattern: string): Promise<string | null> {
  const place = { workspaceRoot, root };
  const filesOf = filesBelow(place);
  const shown = (path: string) => asPattern(workspaceRoot, root, path);
  const [hidden] = filesOf([pattern]);
  if (hidden !== undefined) return patternHints.hidden(shown(hidden));
  const [glob] = workerPatterns(place, [pattern]);
  if (matched(folderOf(place), [glob!.replace(/\/+$/, '')]).some(isFolder)) return patternHints.folder(pattern);
  const [other] = filesOf([pattern], { caseSensitiveMatch: false });
  // Without regard to case some signs are read as a glob's, so that another file may be found.
  const hasCapitals = other !== undefined && /\p{Lu}/u.test(pattern + shown(other));
  if (hasCapitals) return patternHints.otherCase(shown(other));
  if (pattern.includes('\\')) return patternHints.backslash;
  if (fastGlob.isDynamicPattern(glob!)) return null;
  const beside = filesOf([posix.join(posix.dirname(fastGlob.escapePath(glob!)), '*')]);
  return patternHints.near(
    basename(pattern),
    beside.map((path) => basename(path)),
  );
}

/** The pattern of one file, as a manifest writes it. */
export function asPattern(workspaceRoot: string, root: string, path: string): string {
  const kits = kitsFolder(workspaceRoot);
  const [name, folder] = [
    ['', join(workspaceRoot, root)],
    ['{kits}/', kits],
  ].find(([, folder]) => path.startsWith(`${folder}/`)) ?? ['{workspace}/', workspaceRoot];
  return `${name}${fastGlob.escapePath(relative(folder!, path))}`;
}
