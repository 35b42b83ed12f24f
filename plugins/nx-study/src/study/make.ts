import { sha256 } from '../base/canonical.ts';
import { refusalsOf } from '../constraints/refusals.ts';
import { gateNames, objectiveNames } from '../kinds/index.ts';
import { expandPlan } from '../plan/expand.ts';
import type { Place, Problem } from '../yaml/problem.ts';
import type { Plan } from '../plan/types.ts';
import type { PlannedWorker } from '../plan/workers.ts';
import { configChecker } from '../worker/config.ts';
import type { ConfigChecker } from '../worker/config.ts';
import type { Worker } from '../worker/manifest.ts';
import { WorkerError } from '../worker/read.ts';
import { idleGates } from './gates.ts';
import { readStudy } from './read.ts';
import type { ReadStudy } from './read.ts';
import type { Study } from '../plan/study.ts';
import { fileTexts } from '../yaml/texts.ts';
import type { StudyIssue } from '../yaml/texts.ts';
import { wholeFile } from '../yaml/read.ts';
import { workersFolder } from '../workspace/places.ts';

/** From `readWorkers`; `broken` gives the reason why a worker can't be used. */
export type KnownWorkers = ReadonlyMap<string, Worker> & { broken?: ReadonlyMap<string, string> };

/** The plan and the problems of a study file's text, before any file that it names is read. */
export interface PlannedText {
  read: ReadStudy;
  plan: Plan | null;
  dataFiles: Map<string, Place>;
  assets: Map<string, Place>;
  issues: StudyIssue[];
}

const MOST_ISSUES = 200;
const MOST_KEPT = 32;
const made = new Map<string, PlannedText>();

/**
 * The plan of a study file's text, or what is wrong with it. Nx's daemon asks again and again: the last 32 are remembered,
 * by the text and the contracts of all workers.
 * @throws nothing that is about the study: its problems are in `issues`.
 */
export async function planOnce(file: string, text: string, workers: KnownWorkers): Promise<PlannedText> {
  const hash = await sha256();
  const key = hash(JSON.stringify([file, text, [...workers], [...(workers.broken ?? [])]]));
  const known = made.get(key);
  if (known) return known;
  if (made.size >= MOST_KEPT) made.delete(made.keys().next().value!);
  const result = await makePlan(file, text, workers);
  made.set(key, result);
  return result;
}

/** Plans a study file's text; whether the data files and assets that it names exist is checked later. */
export async function makePlan(file: string, text: string, workers: KnownWorkers): Promise<PlannedText> {
  const read = readStudy(file, text);
  if (!read.study) return { read, plan: null, dataFiles: new Map(), assets: new Map(), issues: read.issues };
  const { known, checkers } = contracts(read.study, workers);
  const { plan, problems, dataFiles, assets } = expandPlan({
    study: read.study,
    workers: known,
    check: (worker, written) => checkers.get(worker)!(written),
    hash: await sha256(),
    salvaged: read.issues.length > 0,
  });
  const certain = read.issues.length > 0 || problems.some(({ secondary }) => !secondary);
  const idle = plan === null ? [] : idleGates(plan, workers);
  const told = [...problems.filter(({ secondary }) => !certain || !secondary), ...idle];
  return { read, plan, dataFiles, assets, issues: [...read.issues, ...issuesOf(told, read)] };
}

// Finding the line of each of many thousand problems would take long, and nobody reads them all.
function issuesOf(problems: Problem[], { issueOf, study }: ReadStudy): StudyIssue[] {
  const issues = problems.slice(0, MOST_ISSUES).map(issueOf);
  const left = problems.length - issues.length;
  return left > 0 && study ? [...issues, wholeFile(study.file, fileTexts.more(left))] : issues;
}

/** What the planner knows of the workspace's workers, and the checkers of those that the study names. */
export function contracts(
  study: Study,
  workers: KnownWorkers,
): { known: Map<string, PlannedWorker>; checkers: Map<string, ConfigChecker> } {
  const named = new Set([study.worker, ...(study.workers ?? [])]);
  const known = new Map<string, PlannedWorker>();
  const checkers = new Map<string, ConfigChecker>();
  for (const [name, worker] of workers) {
    const { root, manifest, configSchema } = worker;
    const settings = Object.keys(configSchema.properties ?? {});
    const broken = named.has(name) ? compile(worker, checkers) : null;
    const gates = gateNames[manifest.kind] ?? [];
    const objectives = objectiveNames[manifest.kind] ?? [];
    known.set(name, { root, platform: manifest.platform, settings, gates, objectives, broken });
  }
  for (const [name, reason] of workers.broken ?? [])
    known.set(name, {
      root: `${workersFolder()}/${name}`,
      platform: 'any',
      settings: [],
      gates: [],
      objectives: [],
      broken: reason,
    });
  return { known, checkers };
}

function compile(worker: Worker, checkers: Map<string, ConfigChecker>): string | null {
  try {
    checkers.set(worker.name, engineChecker(worker));
    return null;
  } catch (error) {
    if (error instanceof WorkerError) return error.message;
    throw error;
  }
}

/** Checks a configuration against its worker's schema, and one that fits that by what its engine refuses in any surroundings. */
function engineChecker(worker: Worker): ConfigChecker {
  const check = configChecker(worker);
  const refused = refusalsOf(worker);
  return (written) => {
    const checked = check(written);
    if (checked.problems.length > 0) return checked;
    return { ...checked, problems: refused({ configuration: checked.configuration, written }) };
  };
}
