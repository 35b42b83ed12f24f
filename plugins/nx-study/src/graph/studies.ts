import { lstatSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { globWithWorkspaceContext } from 'nx/src/devkit-internals.js';
import { misplaced } from './texts.ts';
import { tried } from '../base/errno.ts';
import { STUDY_FILE, studiesPatterns } from '../workspace/entry.ts';

/** A study of the workspace, or a file that was probably meant as one. */
export interface FoundStudy {
  name: string;
  /** Relative to the workspace root. */
  file: string;
  /** Why neither Nx nor this plugin would read it; null for a study in its place. */
  problem: string | null;
}

/** Spellings of the name that people try. */
const LIKE_FILE = /^study\.ya?ml$/i;

/** All studies, by name; those that Nx ignores are none. */
export async function findStudies(workspaceRoot: string): Promise<FoundStudy[]> {
  const folders = studiesPatterns(workspaceRoot);
  const files = await globWithWorkspaceContext(
    workspaceRoot,
    folders.map((folder) => `${folder}/*/[sS]*.[yY]*`),
  );
  const found = new Map<string, FoundStudy>();
  for (const file of files.filter((path) => LIKE_FILE.test(basename(path))).toSorted()) {
    const name = basename(dirname(file));
    const right = `${dirname(file)}/${STUDY_FILE}`;
    const study = { name, file, problem: file === right ? null : misplaced.name(file, right) };
    const other = found.get(name);
    if (other === undefined || file === `${dirname(other.file)}/${STUDY_FILE}`) found.set(name, study);
    else if (dirname(other.file) !== dirname(file)) other.problem ??= misplaced.twice(other.file, file);
  }
  for (const folder of folders.filter((pattern) => !pattern.includes('*')))
    for (const study of linkedStudies(workspaceRoot, folder)) if (!found.has(study.name)) found.set(study.name, study);
  return [...found.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** Studies behind a link to a folder. Nx follows no such link, neither in its list of files nor in `nx affected`. */
function linkedStudies(workspaceRoot: string, studies: string): FoundStudy[] {
  const parent = join(workspaceRoot, studies);
  const isAllLinked = tried(() => lstatSync(parent).isSymbolicLink()) === true;
  const entries = tried(() => readdirSync(parent, { withFileTypes: true })) ?? [];
  return entries.flatMap((entry) => {
    if (!isAllLinked && !entry.isSymbolicLink()) return [];
    const folder = `${studies}/${entry.name}`;
    const names = tried(() => readdirSync(join(workspaceRoot, folder))) ?? [];
    const file = names.find((name) => LIKE_FILE.test(name) && isFile(join(workspaceRoot, folder, name)));
    if (file === undefined) return [];
    return [{ name: entry.name, file: `${folder}/${file}`, problem: misplaced.link(isAllLinked ? studies : folder) }];
  });
}

const isFile = (path: string): boolean => tried(() => statSync(path).isFile()) === true;
