import { isJsonObject } from '../base/json.ts';
import type { JsonObject } from '../base/json.ts';
import type { Study } from './study.ts';
import { dimensionsFor, readDimensions } from './dimensions.ts';
import type { Draft } from './drafts.ts';
import { readExplicit } from './explicit.ts';
import { readMonotone } from './monotone.ts';
import type { Place, Problem } from '../yaml/problem.ts';
import { readSettings, settingsFor } from './scope.ts';
import type { Scopes, Setting } from './scope.ts';
import { readSelector } from './select.ts';
import type { Groups, Selector } from './select.ts';
import type { MonotoneSetting } from './types.ts';
import { usedWorkers } from './workers.ts';
import type { PlannedWorker, UsedWorkers } from './workers.ts';
import type { Dimension } from './dimension.ts';

/** A study with every key read, before its dimensions are crossed. */
export interface Outline {
  used: UsedWorkers;
  dimensions: Dimension[];
  groups: Groups;
  /** Base and dimensions of each worker's combinations; empty when there are only explicit experiments. */
  crossed: { worker: string; base: Setting[]; dimensions: Dimension[] }[];
  explicit: Draft[];
  exclude: Selector[];
  expected: Selector[];
  baseline: Selector[];
  monotone: MonotoneSetting[];
}

/** Reads all maps of a study: their paths, scopes, variants and selectors. */
export function readOutline(study: Study, workers: ReadonlyMap<string, PlannedWorker>, problems: Problem[]): Outline {
  const used = usedWorkers(study, workers, problems);
  const scopes: Scopes = { used: used.names, known: new Set(workers.keys()), settings: used.settings };
  const base = readSettings(study.base, ['base'], scopes, problems);
  const dimensions = readDimensions(study, scopes, problems);
  const groups: Groups = new Map(
    Object.entries(study.variants).map(([name, group]) => [name, isJsonObject(group) ? Object.keys(group) : []]),
  );
  const experiments = study.experiments as (JsonObject | null)[];
  const explicit = readExplicit(experiments, { base, dimensions, groups, scopes }, problems);
  const selectors = (entries: (JsonObject | null)[], at: Place) =>
    entries.flatMap((entry, index) =>
      isJsonObject(entry) ? [readSelector(entry, [...at, index], { scopes, groups }, problems)] : [],
    );
  const { baseline } = study.report;
  const alone = dimensions.length === 0 && experiments.length > 0;
  return {
    used,
    dimensions,
    groups,
    explicit,
    crossed: (alone ? [] : used.names).map((worker) => ({
      worker,
      base: settingsFor(base, worker),
      dimensions: dimensionsFor(dimensions, worker),
    })),
    exclude: selectors(study.exclude, ['exclude']),
    expected: selectors(study.expect.failed, ['expect', 'failed']),
    baseline: baseline ? [readSelector(baseline, ['report', 'baseline'], { scopes, groups }, problems)] : [],
    monotone: readMonotone(study, scopes, problems),
  };
}
