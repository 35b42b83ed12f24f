import { sha256 } from '../canonical.ts';
import { StudyError } from '../errors/study.ts';
import type { StudyIssue } from '../errors/study.ts';
import { expandPlan } from '../plan/expand.ts';
import type { Place } from '../plan/problem.ts';
import type { Plan } from '../plan/types.ts';
import type { PlannedWorker } from '../plan/workers.ts';
import { configChecker } from '../worker/config.ts';
import type { ConfigChecker } from '../worker/config.ts';
import type { Worker } from '../worker/manifest.ts';
import { WorkerError } from '../worker/read.ts';
import { dataFileProblems, platformProblem } from './files.ts';
import { readStudy, readStudyText } from './read.ts';
import type { ReadStudy } from './read.ts';
import type { Study } from './schema.ts';

export interface LoadStudyOptions {
  workspaceRoot: string;
  /** The study file, relative to the workspace root: `studies/<name>/study.yaml`. */
  file: string;
  /** From `readWorkers`; its `broken` tells why a worker that a study names can't be used. */
  workers: ReadonlyMap<string, Worker> & { broken?: ReadonlyMap<string, string> };
}

export interface LoadedStudy {
  study: Study;
  plan: Plan;
}

/** Reads a study file and makes its plan. Throws a StudyError with everything that is wrong, and nothing else. */
export async function loadStudy({ workspaceRoot, file, workers }: LoadStudyOptions): Promise<LoadedStudy> {
  const source = await readStudyText(workspaceRoot, file);
  if ('issues' in source) throw new StudyError(file, source.issues);
  const { read, plan, dataFiles, issues } = await planned(file, source.text, workers);
  const problems = await dataFileProblems(workspaceRoot, dataFiles);
  if (read.study) problems.push(...(await platformProblem(workspaceRoot, read.study)));
  const all = [...issues, ...problems.map(read.issueOf)];
  if (all.length > 0 || !plan || !read.study) throw new StudyError(file, byPlace(all));
  return { study: read.study, plan };
}

interface Planned {
  read: ReadStudy;
  plan: Plan | null;
  dataFiles: Map<string, Place>;
  issues: StudyIssue[];
}

const MOST_KEPT = 32;
const made = new Map<string, Planned>();

// A plan depends on the text and the contracts only, so that a long-lived process makes it once.
async function planned(file: string, text: string, workers: LoadStudyOptions['workers']): Promise<Planned> {
  const hash = await sha256();
  const key = hash(JSON.stringify([file, text, [...workers], [...(workers.broken ?? [])]]));
  const known = made.get(key);
  if (known) return known;
  if (made.size >= MOST_KEPT) made.delete(made.keys().next().value!);
  const result = await makePlan(file, text, workers);
  made.set(key, result);
  return result;
}

async function makePlan(file: string, text: string, workers: LoadStudyOptions['workers']): Promise<Planned> {
  const read = readStudy(file, text);
  if (!read.study) return { read, plan: null, dataFiles: new Map(), issues: read.issues };
  const { known, checkers } = contracts(read.study, workers);
  const { plan, problems, dataFiles } = expandPlan({
    study: read.study,
    workers: known,
    check: (worker, written) => checkers.get(worker)!(written),
    hash: await sha256(),
    salvaged: read.issues.length > 0,
  });
  return { read, plan, dataFiles, issues: [...read.issues, ...problems.map(read.issueOf)] };
}

function contracts(study: Study, workers: LoadStudyOptions['workers']) {
  const named = new Set([study.worker, ...(study.workers ?? [])]);
  const known = new Map<string, PlannedWorker>();
  const checkers = new Map<string, ConfigChecker>();
  for (const [name, worker] of workers) {
    const { root, manifest, configSchema } = worker;
    const settings = Object.keys(configSchema.properties ?? {});
    const broken = named.has(name) ? compile(worker, checkers) : null;
    known.set(name, { root, platform: manifest.platform, settings, broken });
  }
  for (const [name, reason] of workers.broken ?? [])
    known.set(name, { root: `workers/${name}`, platform: 'any', settings: [], broken: reason });
  return { known, checkers };
}

function compile(worker: Worker, checkers: Map<string, ConfigChecker>): string | null {
  try {
    checkers.set(worker.name, configChecker(worker));
    return null;
  } catch (error) {
    if (error instanceof WorkerError) return error.message;
    throw error;
  }
}

const byPlace = (issues: StudyIssue[]): StudyIssue[] =>
  issues.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
