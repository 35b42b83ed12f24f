import { checkAssets } from '../assets/check.ts';
import type { Asset } from '../assets/manifest.ts';
import type { Plan } from '../plan/types.ts';
import { checkProfile, dataFileProblems, lockProblems, moduleProblems } from './files.ts';
import { planOnce } from './make.ts';
import type { KnownWorkers } from './make.ts';
import { readStudyText } from './read.ts';
import type { Study } from '../plan/study.ts';
import { StudyError } from '../yaml/texts.ts';
import type { StudyIssue } from '../yaml/texts.ts';

export interface LoadStudyOptions {
  workspaceRoot: string;
  /** The study file, relative to the workspace root: `studies/<name>/study.yaml`. */
  file: string;
  /** From `readWorkers`. */
  workers: KnownWorkers;
}

export interface LoadedStudy {
  study: Study;
  plan: Plan;
  /** The entries of studies/assets.yaml, by name; empty where the study names none of them. */
  assets: ReadonlyMap<string, Asset>;
}

/**
 * Reads a study file, plans it, and checks that its data files, assets and platform are there. Reads nothing of results.
 * @throws StudyError with everything that is wrong, each problem with its line; other errors only where the file system
 * itself fails.
 */
export async function loadStudy({ workspaceRoot, file, workers }: LoadStudyOptions): Promise<LoadedStudy> {
  const source = await readStudyText(workspaceRoot, file);
  if ('issues' in source) throw new StudyError(file, source.issues);
  const { read, plan, dataFiles, assets, issues } = await planOnce(file, source.text, workers);
  const problems = await dataFileProblems(workspaceRoot, dataFiles);
  if (plan) {
    problems.push(...moduleProblems(workspaceRoot, plan, dataFiles));
    problems.push(...(await lockProblems(workspaceRoot, plan, workers, dataFiles)));
  }
  const checked = await checkAssets(workspaceRoot, assets);
  const profile = await checkProfile(workspaceRoot, plan?.platform ?? read.study?.platform ?? null);
  problems.push(...checked.problems, ...profile.problems);
  const all = withoutConsequences([...issues, ...problems.map(read.issueOf), ...checked.issues, ...profile.issues]);
  if (all.length > 0 || !plan || !read.study) throw new StudyError(file, byPlace(all));
  return { study: read.study, plan, assets: checked.known };
}

// A value that could not be read became null; that null is not reported once more.
function withoutConsequences(issues: StudyIssue[]): StudyIssue[] {
  const unreadable = new Set(issues.filter(({ path }) => path === '').map(({ line, column }) => `${line}:${column}`));
  return issues.filter(({ path, line, column }) => path === '' || !unreadable.has(`${line}:${column}`));
}

// Issues of the whole file come last.
const LAST = Number.MAX_SAFE_INTEGER;

const byPlace = (issues: StudyIssue[]): StudyIssue[] =>
  issues.toSorted((a, b) => (a.line ?? LAST) - (b.line ?? LAST) || (a.column ?? 0) - (b.column ?? 0));
