import type { Sha256 } from '../base/canonical.ts';
import { studyTexts } from './texts.ts';
import type { Study } from './study.ts';
import { assemblePlan } from './assemble.ts';
import { choose, unmatched } from './choose.ts';
import { combinations } from './drafts.ts';
import { checkGap } from './execution.ts';
import { checkLimit, mayExpand } from './limit.ts';
import { checkMonotone } from './monotone.ts';
import { nameExperiments } from './name.ts';
import { readOutline } from './outline.ts';
import type { Outline } from './outline.ts';
import type { Place, Problem } from '../yaml/problem.ts';
import { resolveDrafts } from './resolve.ts';
import type { Check } from './resolve.ts';
import { checkSlurmWorkers } from './slurm.ts';
import type { AxisCount, Plan } from './types.ts';
import type { PlannedWorker } from './workers.ts';

export interface ExpandInput {
  study: Study;
  /** All workers of the workspace, by name. */
  workers: ReadonlyMap<string, PlannedWorker>;
  check: Check;
  hash: Sha256;
  /** Parts of the study were unusable and are left out: report what is certain, and no plan. */
  salvaged?: boolean;
}

export interface Expansion {
  /** Null when there are problems. */
  plan: Plan | null;
  problems: Problem[];
  /** Data files, relative to the workspace root, and where each is mentioned first. */
  dataFiles: Map<string, Place>;
  /** Assets, as named in the study, and where each is mentioned first. */
  assets: Map<string, Place>;
}

/**
 * The plan of a study, or all problems that keep it from having one. Pure: the same study, contracts and hash function give
 * the same plan; it reads no clock, no environment and no files. Throws nothing for a wrong study.
 */
export function expandPlan({ study, workers, check, hash, salvaged = false }: ExpandInput): Expansion {
  const problems: Problem[] = [];
  const outline = readOutline(study, workers, problems);
  const { used, groups, crossed, explicit, exclude } = outline;
  checkGap(study, problems);
  problems.push(...checkSlurmWorkers(study.execution, used.names));

  if (!mayExpand(outline, study, problems)) return { plan: null, problems, dataFiles: new Map(), assets: new Map() };

  const combinedDrafts = crossed.flatMap(({ worker, base, dimensions }) => combinations(worker, base, dimensions));
  const resolution = resolveDrafts([...combinedDrafts, ...explicit], {
    check,
    hash,
    exclude,
    expected: outline.expected,
    skipInvalid: study.invalid === 'skip',
    salvaged: salvaged || problems.length > 0,
    roots: (worker) => ({ study: folderOf(study.file), worker: workers.get(worker)!.root }),
    ownerOf: (setting) => used.names.find((name) => workers.get(name)!.settings.includes(setting)) ?? null,
    fallback: Object.keys(study.base).length > 0 ? ['base'] : [],
  });
  const { dataFiles, assets, experiments } = resolution;
  problems.push(...resolution.problems);
  checkLimit(experiments.length, outline, study, problems);

  const named = nameExperiments(experiments, used, groups, problems);
  const complete = !salvaged && problems.length === 0;
  const choosable = { resolution, complete, labels: named.map(({ label }) => label) };
  if (complete) {
    const idle = exclude.filter((selector) => !resolution.matched.has(selector));
    problems.push(...idle.map((selector) => unmatched(selector, 'exclusion', choosable)));
    if (experiments.length === 0) problems.push({ at: ['exclude'], key: true, ...studyTexts.nothingLeft() });
    if (experiments.length > 0) checkMonotone(outline.monotone, resolution, study, problems);
  }
  const failing = choose(outline.expected, 'expectation', choosable, problems);
  const baseline = choose(outline.baseline, 'baseline', choosable, problems);
  if (salvaged || problems.length > 0) return { plan: null, problems, dataFiles, assets };
  const { monotone } = outline;
  const parts = {
    study,
    resolution,
    named,
    failing,
    baseline,
    monotone,
    axes: countAxes(outline),
    platform: used.platform,
  };
  return { plan: assemblePlan(parts, hash), problems, dataFiles, assets };
}

function countAxes({ used, dimensions, explicit }: Outline): AxisCount[] {
  return [
    ...(used.names.length > 1 ? [{ axis: 'worker', values: used.names.length }] : []),
    ...dimensions.map(({ name, choices }) => ({ axis: name, values: choices.length })),
    ...(explicit.length > 0 ? [{ axis: 'experiments', values: explicit.length }] : []),
  ];
}

const folderOf = (file: string): string => file.slice(0, Math.max(0, file.lastIndexOf('/')));
