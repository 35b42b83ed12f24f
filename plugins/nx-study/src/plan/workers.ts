import { studyTexts } from './texts.ts';
import type { Study } from './study.ts';
import type { Problem } from '../yaml/problem.ts';

/** The parts of a worker's contract that the planner uses. */
export interface PlannedWorker {
  /** Its folder, relative to the workspace root. */
  root: string;
  /** Its default platform. */
  platform: string;
  /** The first keys of its configuration. */
  settings: string[];
  /** The gates of its kind. */
  gates: readonly string[];
  /** The objectives of its kind for `report.slo`. */
  objectives: readonly string[];
  /** Why it can't be used; null when it can. */
  broken: string | null;
}

export interface UsedWorkers {
  names: string[];
  /** Written as `workers`, so that labels begin with the worker. */
  several: boolean;
  /** The first keys of their configurations. */
  settings: ReadonlySet<string>;
  /** Their common default. */
  platform: string;
}

/** The workers that a study names and that can be used. */
export function usedWorkers(
  study: Study,
  workers: ReadonlyMap<string, PlannedWorker>,
  problems: Problem[],
): UsedWorkers {
  const key = study.workers === undefined ? 'worker' : 'workers';
  const written = study.workers ?? (study.worker === undefined ? [] : [study.worker]);
  if (study.worker !== undefined && study.workers !== undefined)
    problems.push({ at: ['workers'], key: true, ...studyTexts.twoWorkers() });
  if (study.worker === undefined && study.workers === undefined)
    problems.push({ at: [], ...studyTexts.noWorker([...workers.keys()]) });

  const names = new Set<string>();
  for (const [index, name] of written.entries()) {
    const at = key === 'worker' ? ['worker'] : ['workers', index];
    const worker = workers.get(name);
    if (names.has(name)) problems.push({ at, value: name, ...studyTexts.repeatedWorker(name) });
    else if (!worker) problems.push({ at, value: name, ...studyTexts.unknownWorker(name, [...workers.keys()]) });
    else if (worker.broken !== null)
      problems.push({ at, value: name, ...studyTexts.brokenWorker(name, worker.broken) });
    else names.add(name);
  }
  const used = [...names].map((name) => workers.get(name)!);
  refuseUnknownGates(study, used, problems);
  refuseUnknownObjectives(study, used, problems);
  return {
    names: [...names],
    several: key === 'workers',
    settings: new Set(used.flatMap(({ settings }) => settings)),
    platform: commonPlatform(study, [...names], used, problems),
  };
}

function refuseUnknownGates(study: Study, used: PlannedWorker[], problems: Problem[]): void {
  const known = new Set(used.flatMap(({ gates }) => gates));
  for (const name of used.length > 0 ? Object.keys(study.gates) : [])
    if (!known.has(name))
      problems.push({ at: ['gates', name], key: true, ...studyTexts.unknownGate(name, [...known]) });
}

function refuseUnknownObjectives({ report: { slo } }: Study, used: PlannedWorker[], problems: Problem[]): void {
  const known = new Set(used.flatMap(({ objectives }) => objectives));
  for (const name of used.length > 0 ? Object.keys(slo) : [])
    if (!known.has(name))
      problems.push({ at: ['report', 'slo', name], key: true, ...studyTexts.unknownObjective(name, [...known]) });
}

function commonPlatform(study: Study, names: string[], used: PlannedWorker[], problems: Problem[]): string {
  const platforms = new Set(used.map(({ platform }) => platform));
  if (study.platform === null && platforms.size > 1) {
    const defaults = names.map((name, index): [string, string] => [name, used[index]!.platform]);
    problems.push({ at: ['workers'], key: true, ...studyTexts.platforms(defaults) });
  }
  return [...platforms][0] ?? 'any';
}
