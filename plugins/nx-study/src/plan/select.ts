import { isDeepStrictEqual } from 'node:util';
import type { Json, JsonObject } from '../base/json.ts';
import { isJsonObject } from '../base/json.ts';
import { studyTexts } from './texts.ts';
import { leaves, valueAt } from '../base/path.ts';
import type { Place, Problem } from '../yaml/problem.ts';
import { readSettings } from './scope.ts';
import type { Scopes } from './scope.ts';
import { show } from '../base/words.ts';
import { grammarTexts } from '../yaml/texts.ts';

/** A partial configuration that chooses experiments. */
export interface Selector {
  at: Place;
  worker: string | null;
  label: string | null;
  /** Variants group → name. */
  variants: JsonObject;
  checks: { scope: string | null; path: string[]; value: Json }[];
}

/** The parts of an experiment that a selector compares. */
export interface Candidate {
  worker: string;
  label: string | null;
  variants: JsonObject;
  written: JsonObject;
}

/** A variants group and the names of its variants. */
export type Groups = Map<string, string[]>;

/** Reads an entry of `exclude`, `expect.failed` or `report.baseline`. */
export function readSelector(
  map: JsonObject,
  at: Place,
  { scopes, groups }: { scopes: Scopes; groups: Groups },
  problems: Problem[],
): Selector {
  const { worker, variants, label, ...settings } = map;
  const checks = readSettings(settings, at, scopes, problems).flatMap((setting) =>
    leaves(setting.value, setting.path).map((leaf) => ({ ...leaf, scope: setting.scope })),
  );
  return {
    at,
    checks,
    worker: readWorker(worker, [...at, 'worker'], scopes, problems),
    label: typeof label === 'string' ? label : null,
    variants: readVariants(variants, [...at, 'variants'], groups, problems),
  };
}

/** Group → name, checked against the study's variants. */
export function readVariants(value: Json | undefined, at: Place, groups: Groups, problems: Problem[]): JsonObject {
  if (value === undefined) return {};
  if (!isJsonObject(value)) {
    problems.push({ at, value, ...grammarTexts.wrongKind('a map of group to name', value, null) });
    return {};
  }
  for (const [group, name] of Object.entries(value)) {
    const names = groups.get(group);
    if (!names) problems.push({ at: [...at, group], key: true, ...studyTexts.unknownGroup(group, [...groups.keys()]) });
    else if (typeof name !== 'string' || !names.includes(name))
      problems.push({ at: [...at, group], value: name, ...studyTexts.unknownVariant(group, name, names) });
  }
  return value;
}

/** A worker that the study uses, or null after a problem or when none is named. */
export function readWorker(value: Json | undefined, at: Place, scopes: Scopes, problems: Problem[]): string | null {
  if (value === undefined) return null;
  if (typeof value === 'string' && scopes.used.includes(value)) return value;
  const text =
    typeof value === 'string' && scopes.known.has(value)
      ? studyTexts.unusedWorker(value, scopes.used)
      : studyTexts.unknownScope(typeof value === 'string' ? value : show(value), scopes.used);
  problems.push({ at, value, ...text });
  return null;
}

/**
 * Whether a selector chooses an experiment, by what its author wrote and then by the worker's defaults.
 * null when the defaults decide and `configuration` isn't given.
 */
export function selects(selector: Selector, candidate: Candidate, configuration: JsonObject | null): boolean | null {
  if (selector.worker !== null && selector.worker !== candidate.worker) return false;
  if (selector.label !== null && selector.label !== candidate.label) return false;
  if (!Object.entries(selector.variants).every(([group, name]) => candidate.variants[group] === name)) return false;
  let undecided = false;
  for (const { scope, path, value } of selector.checks) {
    if (scope !== null && scope !== candidate.worker) return false;
    const written = valueAt(candidate.written, path);
    const found = written === undefined && configuration ? valueAt(configuration, path) : written;
    if (found === undefined && !configuration) undecided = true;
    else if (!isDeepStrictEqual(found, value)) return false;
  }
  return undecided ? null : true;
}

/** Why a selector chooses nothing: a label, a setting or a value that no experiment has. */
export function whyNothing(selector: Selector, configurations: JsonObject[], labels: string[]): string | null {
  const { label } = selector;
  if (label !== null && !labels.includes(label)) return studyTexts.noSuchLabel(label, labels);
  for (const { path, value } of selector.checks) {
    const values = configurations.map((config) => valueAt(config, path)).filter((found) => found !== undefined);
    if (values.length === 0) {
      const some = configurations.slice(0, 20).flatMap((config) => leaves(config).map((leaf) => leaf.path.join('.')));
      return studyTexts.noSuchSetting(path.join('.'), [...new Set(some)]);
    }
    if (!values.some((found) => isDeepStrictEqual(found, value))) return studyTexts.noSuchValue(path.join('.'), values);
  }
  return null;
}
