import type { Sha256 } from '../canonical.ts';
import { studyTexts } from '../errors/study.ts';
import { isJsonObject } from '../json.ts';
import type { JsonObject } from '../json.ts';
import type { Study } from '../study/schema.ts';
import { dimensionsFor, readDimensions } from './dimensions.ts';
import type { Dimension } from './dimensions.ts';
import { combinations, countCombinations } from './drafts.ts';
import type { Draft } from './drafts.ts';
import { readExplicit } from './explicit.ts';
import { measurementId } from './identity.ts';
import { checkSize } from './limit.ts';
import { nameExperiments } from './name.ts';
import { orderSteps, pairBalance } from './order.ts';
import type { Step } from './order.ts';
import type { Place, Problem } from './problem.ts';
import { resolveDrafts } from './resolve.ts';
import type { Check, Resolution } from './resolve.ts';
import { readSettings, settingsFor } from './scope.ts';
import type { Scopes } from './scope.ts';
import { readSelector, selects, whyNothing } from './select.ts';
import type { Groups, Selector } from './select.ts';
import { measurementSeed } from './seed.ts';
import type { AxisCount, Execution, Measurement, Plan } from './types.ts';
import { usedWorkers } from './workers.ts';
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
}

/** The plan of a study, or everything that keeps it from having one. Pure: no clock, no environment, no files. */
export function expandPlan({ study, workers, check, hash, salvaged = false }: ExpandInput): Expansion {
  const problems: Problem[] = [];
  const used = usedWorkers(study, workers, problems);
  const scopes: Scopes = { used: used.names, known: new Set(workers.keys()), settings: used.settings };
  const base = readSettings(study.base, ['base'], scopes, problems);
  const dimensions = readDimensions(study, scopes, problems);
  const groups: Groups = new Map(
    Object.entries(study.variants).map(([name, group]) => [name, isJsonObject(group) ? Object.keys(group) : []]),
  );
  const explicit = readExplicit(study.experiments as (JsonObject | null)[], { base, dimensions, groups, scopes }, problems);
  const exclude = selectors(study.exclude, ['exclude'], scopes, groups, problems);
  const expected = selectors(study.expect.failed, ['expect', 'failed'], scopes, groups, problems);
  const baseline = selectors([study.report.baseline ?? null], ['report', 'baseline'], scopes, groups, problems);
  checkGap(study, problems);

  const parts = used.names.map((name) => ({ name, base: settingsFor(base, name), dimensions: dimensionsFor(dimensions, name) }));
  const crossed = dimensions.length > 0 || study.experiments.length === 0 ? parts : [];
  const combined = crossed.reduce((sum, part) => sum + countCombinations(part.dimensions), 0);
  const { times, order } = study.repeat;
  const size = { combined, times, explicit: explicit.length, limit: study.limits.measurements, at: largestPart(dimensions, study) };
  const axes = countAxes(used.names, dimensions, explicit);
  if (!checkSize(size, axes, exclude.length > 0, problems)) return { plan: null, problems, dataFiles: new Map() };

  const drafts = [...crossed.flatMap((part) => combinations(part.name, part.base, part.dimensions)), ...explicit];
  const resolution = resolveDrafts(drafts, {
    check,
    hash,
    exclude,
    skipInvalid: study.invalid === 'skip',
    salvaged: salvaged || problems.length > 0,
    roots: (worker) => ({ study: folderOf(study.file), worker: workers.get(worker)!.root }),
    ownerOf: (setting) => used.names.find((name) => workers.get(name)!.settings.includes(setting)) ?? null,
    fallback: Object.keys(study.base).length > 0 ? ['base'] : [],
  });
  problems.push(...resolution.problems);
  const { dataFiles, experiments } = resolution;
  const remaining = { ...size, combined: experiments.length, explicit: 0 };
  const fits = exclude.length === 0 || checkSize(remaining, axes, false, problems);
  const named = nameExperiments(experiments, used, groups, problems);
  const failing = choose(expected, 'expectation', resolution, named, salvaged, problems);
  const compared = choose(baseline, 'baseline', resolution, named, salvaged, problems);
  for (const selector of salvaged || problems.length > 0 ? [] : exclude)
    if (!resolution.matched.has(selector)) problems.push(unmatched(selector, 'exclusion', resolution, named));
  if (drafts.length > 0 && experiments.length === 0 && problems.length === 0)
    problems.push({ at: ['exclude'], key: true, ...studyTexts.nothingLeft() });
  if (salvaged || !fits || problems.length > 0) return { plan: null, problems, dataFiles };

  const orderSeed = study.repeat.seed ?? study.seed;
  const steps = orderSteps(order, experiments.length, times, orderSeed, hash);
  const plan: Plan = {
    study: study.name,
    description: study.description,
    platform: study.platform ?? used.platform,
    cpus: study.cpus,
    seed: study.seed,
    repeat: { times, order, seed: orderSeed },
    measurements: measurements(steps, named.map(({ id }) => id), study.seed, times, hash),
    experiments: experiments.map(({ drafts: [draft, ...others], configuration, dataFiles: files }, index) => ({
      ...named[index]!,
      worker: draft!.worker,
      written: draft!.written,
      configuration,
      dataFiles: files,
      varied: draft!.varied,
      expect: failing.has(index) || [draft!, ...others].some(({ expectFailed }) => expectFailed) ? 'failed' : null,
    })),
    skipped: resolution.skipped,
    excluded: resolution.excluded,
    merged: experiments.flatMap(({ drafts: [, ...others] }, index) =>
      others.length === 0
        ? []
        : [{ id: named[index]!.id, count: others.length + 1, also: others.map(({ label, varied }) => ({ label, varied })) }],
    ),
    axes,
    balance: order === 'balanced' ? pairBalance(steps, experiments.length) : null,
    execution: readExecution(study),
    gates: study.gates,
    baseline: [...compared].sort((a, b) => a - b).map((index) => named[index]!.id),
  };
  return { plan, problems, dataFiles };
}

function selectors(entries: (JsonObject | null)[], at: Place, scopes: Scopes, groups: Groups, problems: Problem[]): Selector[] {
  const single = at[0] === 'report';
  return entries.flatMap((entry, index) =>
    isJsonObject(entry) ? [readSelector(entry, single ? at : [...at, index], scopes, groups, problems)] : [],
  );
}

/** The positions of the experiments that any of the selectors chooses. */
function choose(
  chosen: Selector[],
  what: string,
  resolution: Resolution,
  named: { label: string }[],
  salvaged: boolean,
  problems: Problem[],
): Set<number> {
  const found = new Set<number>();
  const certain = !salvaged && problems.length === 0;
  for (const selector of chosen) {
    const before = found.size;
    for (const [index, { drafts, configuration }] of resolution.experiments.entries()) {
      const { label } = named[index]!;
      if (drafts.some((draft) => selects(selector, { ...draft, label: draft.label ?? label }, configuration))) found.add(index);
    }
    if (certain && found.size === before) problems.push(unmatched(selector, what, resolution, named));
  }
  return found;
}

const unmatched = (selector: Selector, what: string, { seen }: Resolution, named: { label: string }[]): Problem => ({
  at: selector.at,
  ...studyTexts.matchesNothing(what, whyNothing(selector, seen, named.map(({ label }) => label))),
});

function measurements(steps: Step[], ids: string[], studySeed: number, times: number, hash: Sha256): Measurement[] {
  const seeds = Array.from({ length: times }, (_, index) => measurementSeed(studySeed, index + 1, hash));
  return steps.map(({ experiment, repetition, cycle }, index) => ({
    id: measurementId(ids[experiment]!, repetition),
    experiment: ids[experiment]!,
    repetition,
    seed: seeds[repetition - 1]!,
    index,
    cycle,
  }));
}

const largestPart = (dimensions: Dimension[], study: Study): Place => {
  const largest = dimensions.toSorted((a, b) => b.choices.length - a.choices.length)[0];
  if (largest) return [largest.kind];
  return study.experiments.length > 0 ? ['experiments'] : [];
};

function countAxes(workers: string[], dimensions: Dimension[], explicit: Draft[]): AxisCount[] {
  return [
    ...(workers.length > 1 ? [{ axis: 'worker', values: workers.length }] : []),
    ...dimensions.map(({ name, choices }) => ({ axis: name, values: choices.length })),
    ...(explicit.length > 0 ? [{ axis: 'experiments', values: explicit.length }] : []),
  ];
}

function checkGap({ execution: { gap } }: Study, problems: Problem[]): void {
  if (typeof gap.max_s === 'number' && gap.max_s < gap.min_s)
    problems.push({ at: ['execution', 'gap', 'max_s'], value: gap.max_s, ...studyTexts.gapOrder(gap.min_s, gap.max_s) });
}

// Without a bound, a machine that never cools down would hold a study for ever.
const LONGEST_WAIT_S = 300;

function readExecution({ execution: { gap, timeout_s, stop_after } }: Study): Execution {
  const longest = gap.until ? Math.max(LONGEST_WAIT_S, gap.min_s) : null;
  return {
    gap: { min_s: gap.min_s, max_s: gap.max_s === undefined ? longest : gap.max_s, until: gap.until ?? null },
    timeout_s,
    stop_after_same_failure: stop_after.same_failure,
  };
}

const folderOf = (file: string): string => file.slice(0, Math.max(0, file.lastIndexOf('/')));
