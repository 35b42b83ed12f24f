import { canonicalJson } from '../base/canonical.ts';
import type { Sha256 } from '../base/canonical.ts';
import { studyTexts } from './texts.ts';
import type { JsonObject } from '../base/json.ts';
import { resolveAssets } from './assets.ts';
import { resolveDataFiles } from './data.ts';
import type { DataRoots } from './data.ts';
import { allSkipped, InvalidDrafts, skippedOf } from './invalid.ts';
import { placeOf } from './drafts.ts';
import type { Draft } from './drafts.ts';
import { experimentHash } from './identity.ts';
import { valueAt } from '../base/path.ts';
import type { Place, Problem } from '../yaml/problem.ts';
import { selects } from './select.ts';
import type { Selector } from './select.ts';
import type { SkippedExperiment } from './types.ts';
import type { Checked, ConfigProblem } from '../worker/problem.ts';

/** Validates a configuration, without changing it. */
export type Check = (worker: string, written: JsonObject) => Checked;

/** One configuration, with all drafts that resolve to it; the first one names it. */
export interface Resolved {
  drafts: Draft[];
  configuration: JsonObject;
  dataFiles: string[];
  pythonFiles: string[];
  assets: string[];
  /** Of worker and configuration as written. */
  hash: string;
}

export interface Resolution {
  experiments: Resolved[];
  excluded: number;
  skipped: SkippedExperiment[];
  problems: Problem[];
  /** The data files and the place of the first mention of each. */
  dataFiles: Map<string, Place>;
  /** The same of assets. */
  assets: Map<string, Place>;
  /** The configurations that exclusions left out, to explain those that match nothing. */
  matched: Set<Selector>;
  /** Every configuration that a selector was compared with. */
  seen: JsonObject[];
}

interface Settings {
  check: Check;
  hash: Sha256;
  exclude: Selector[];
  /** What chooses experiments that must fail. */
  expected: Selector[];
  skipInvalid: boolean;
  /** Parts of the study were unusable, so a missing setting may be in one of them. */
  salvaged: boolean;
  roots: (worker: string) => DataRoots;
  /** Another worker of the study that has a setting. */
  ownerOf: (setting: string) => string | null;
  /** The place of a problem that no key of the file sets. */
  fallback: Place;
}

/** Leaves out excluded drafts, validates the others, and merges those with equal configurations. */
export function resolveDrafts(drafts: Draft[], settings: Settings): Resolution {
  const resolution: Resolution = {
    experiments: [],
    excluded: 0,
    skipped: [],
    problems: [],
    dataFiles: new Map(),
    assets: new Map(),
    matched: new Set(),
    seen: [],
  };
  const invalid = new InvalidDrafts();
  const unique = new Map<string, Resolved>();
  const valid = new Set<string>();
  for (const draft of drafts) {
    if (excluded(draft, null, settings.exclude, resolution)) continue;
    const checked = settings.check(draft.worker, draft.written);
    resolution.seen.push(checked.configuration);
    if (excluded(draft, checked.configuration, settings.exclude, resolution)) continue;
    const problems = checked.problems
      .filter(({ missing }) => !settings.salvaged || !missing)
      .filter(({ byEngine }) => !byEngine || !mustFail(draft, checked.configuration, settings.expected))
      .map((problem) =>
        problem.key && problem.path.length === 1 ? { ...problem, ...scopeHint(problem, settings) } : problem,
      );
    const roots = settings.roots(draft.worker);
    const files = resolveDataFiles(checked.configuration, draft.written, checked.dataFiles, roots);
    const assets = resolveAssets(checked.configuration, checked.assets);
    problems.push(...files.problems, ...assets.problems);
    if (problems.length > 0 && settings.skipInvalid && isSkippable(draft, problems)) {
      resolution.skipped.push(skippedOf(draft, problems));
      continue;
    }
    note(checked.configuration, draft, files.paths, resolution.dataFiles);
    note(checked.configuration, draft, assets.paths, resolution.assets);
    invalid.add(draft, problems, settings.fallback);
    if (problems.length > 0) continue;
    valid.add(draft.worker);
    merge(unique, draft, { ...checked, dataFiles: files.paths }, settings.hash);
  }
  resolution.experiments = [...unique.values()];
  resolution.problems = [...invalid.list(drafts), ...allSkipped(resolution.skipped, valid, settings.fallback)];
  return resolution;
}

/** Whether a study declares that an experiment fails, so that its engine's refusal is the result. */
const mustFail = (draft: Draft, configuration: JsonObject, expected: Selector[]): boolean =>
  draft.expectFailed || expected.some((selector) => selects(selector, draft, configuration));

const isSkippable = (draft: Draft, problems: ConfigProblem[]): boolean =>
  draft.explicit === null && !problems.some(({ always }) => always);

function scopeHint({ path }: ConfigProblem, { ownerOf }: Settings): { hint?: string } {
  const setting = String(path[0]);
  const owner = ownerOf(setting);
  return owner === null ? {} : { hint: studyTexts.scopeIt(owner, setting) };
}

// Without `configuration` only the written settings are compared, which spares most combinations the check.
function excluded(
  draft: Draft,
  configuration: JsonObject | null,
  exclude: Selector[],
  resolution: Resolution,
): boolean {
  if (draft.explicit !== null) return false;
  const matching = exclude.filter((selector) => selects(selector, draft, configuration));
  for (const selector of matching) resolution.matched.add(selector);
  if (matching.length > 0) resolution.excluded++;
  return matching.length > 0;
}

function merge(
  unique: Map<string, Resolved>,
  draft: Draft,
  { configuration, dataFiles, pythonFiles, assets }: Checked,
  hash: Sha256,
): void {
  const key = `${draft.worker}\0${canonicalJson(configuration)}`;
  const known = unique.get(key);
  if (known) known.drafts.push(draft);
  else
    unique.set(key, {
      drafts: [draft],
      configuration,
      dataFiles: dataFiles.map(dotted),
      pythonFiles: pythonFiles.map(dotted),
      assets: assets.map(dotted),
      hash: experimentHash(draft.worker, draft.written, hash),
    });
}

const dotted = (path: string[]): string => path.join('.');

function note(configuration: JsonObject, draft: Draft, paths: string[][], noted: Map<string, Place>): void {
  for (const path of paths) {
    const value = valueAt(configuration, path) as string;
    if (!noted.has(value)) noted.set(value, placeOf(draft, path, false) ?? []);
  }
}
