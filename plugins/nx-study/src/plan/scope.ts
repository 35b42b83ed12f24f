import type { Json, JsonObject } from '../base/json.ts';
import { isJsonObject } from '../base/json.ts';
import { studyTexts } from './texts.ts';
import { overlap, splitPath } from '../base/path.ts';
import type { Place, Problem } from '../yaml/problem.ts';

/** One value that a map of the study sets, for all workers or for one. */
export interface Setting {
  /** The worker it is for; null is each of them. */
  scope: string | null;
  /** In the worker's configuration. */
  path: string[];
  value: Json;
  at: Place;
}

/** The names that a key may begin with. */
export interface Scopes {
  /** The study's workers. */
  used: string[];
  /** All workers of the workspace. */
  known: ReadonlySet<string>;
  /** The first keys of the used workers' configurations. */
  settings: ReadonlySet<string>;
}

/** The settings of a map whose keys are dotted paths, worker names, or both joined by a dot. */
export function readSettings(map: JsonObject, at: Place, scopes: Scopes, problems: Problem[]): Setting[] {
  const settings: Setting[] = [];
  for (const [key, value] of Object.entries(map)) {
    const place = [...at, key];
    const target = readKey(key, place, scopes, problems);
    if (!target) continue;
    if (target.path.length > 0) settings.push({ ...target, value, at: place });
    else if (isJsonObject(value)) settings.push(...scoped(target.scope!, value, place, problems));
    else problems.push({ at: place, value, ...studyTexts.scopeKind(key, value) });
  }
  refuseRepeated(settings, problems);
  return settings;
}

/** A key's worker and path; the path is empty when the key is just a worker's name. Null after a problem. */
export function readKey(
  key: string,
  at: Place,
  scopes: Scopes,
  problems: Problem[],
): { scope: string | null; path: string[] } | null {
  const path = splitPath(key);
  const refuse = (text: ReturnType<typeof studyTexts.badPath>) => {
    problems.push({ at, key: true, ...text });
    return null;
  };
  if (!path) return refuse(studyTexts.badPath(key));
  const first = path[0]!;
  if (!scopes.known.has(first)) return { scope: null, path };
  if (scopes.used.includes(first))
    return scopes.settings.has(first)
      ? refuse(studyTexts.ambiguousScope(first))
      : { scope: first, path: path.slice(1) };
  return scopes.settings.has(first) ? { scope: null, path } : refuse(studyTexts.unusedWorker(first, scopes.used));
}

function scoped(scope: string, map: JsonObject, at: Place, problems: Problem[]): Setting[] {
  return Object.entries(map).flatMap(([key, value]) => {
    const path = splitPath(key);
    if (path) return [{ scope, path, value, at: [...at, key] }];
    problems.push({ at: [...at, key], key: true, ...studyTexts.badPath(key) });
    return [];
  });
}

// Plain keys can't repeat; only a dotted one can set what another key sets.
function refuseRepeated(settings: Setting[], problems: Problem[]): void {
  for (const [index, setting] of settings.entries()) {
    if (setting.path.length === 1) continue;
    const other = settings.find(
      (candidate, place) => (place < index || candidate.path.length === 1) && meet(candidate, setting),
    );
    if (!other) continue;
    const text = studyTexts.twice(setting.path.join('.'), String(other.at.at(-1)));
    problems.push({ at: setting.at, key: true, ...text });
  }
}

function meet(a: Setting, b: Setting): boolean {
  if (a.scope !== b.scope || !overlap(a.path, b.path)) return false;
  const [outer, inner] = a.path.length <= b.path.length ? [a, b] : [b, a];
  let value: Json | undefined = outer.value;
  for (const key of inner.path.slice(outer.path.length)) {
    if (!isJsonObject(value)) return value !== undefined;
    value = Object.hasOwn(value, key) ? value[key] : undefined;
  }
  return value !== undefined && collide(value, inner.value);
}

function collide(a: Json, b: Json): boolean {
  if (!isJsonObject(a) || !isJsonObject(b)) return true;
  return Object.keys(a).some((key) => Object.hasOwn(b, key) && collide(a[key]!, b[key]!));
}

/** The settings that apply to one worker; its own come last, so that they win. */
export function settingsFor<T extends { scope: string | null }>(settings: T[], worker: string): T[] {
  return [...settings.filter(({ scope }) => scope === null), ...settings.filter(({ scope }) => scope === worker)];
}
