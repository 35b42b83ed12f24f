import type { Json, JsonObject } from '../json.ts';
import { isJsonObject } from '../json.ts';
import { studyTexts } from '../errors/study.ts';
import { leaves, overlap, splitPath } from './path.ts';
import type { Place, Problem } from './problem.ts';

/** One value that a map of the study sets, for all workers or for one. */
export interface Setting {
  /** The worker it is for; null is each of them. */
  scope: string | null;
  /** In the worker's configuration. */
  path: string[];
  value: Json;
  at: Place;
}

/** What a key may name. */
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
  const seen: { path: string[]; setting: Setting }[] = [];
  if (!settings.some(({ path }) => path.length > 1)) return;
  for (const setting of settings) {
    for (const { path } of leaves(setting.value, setting.path)) {
      const other = seen.find(
        (entry) => entry.setting !== setting && entry.setting.scope === setting.scope && overlap(entry.path, path),
      );
      if (other) {
        problems.push({
          at: setting.at,
          key: true,
          ...studyTexts.twice(path.join('.'), String(other.setting.at.at(-1))),
        });
        break;
      }
      seen.push({ path, setting });
    }
  }
}

/** The settings that hold for one worker; those of its own come last, so that they win. */
export function settingsFor<T extends { scope: string | null }>(settings: T[], worker: string): T[] {
  return [...settings.filter(({ scope }) => scope === null), ...settings.filter(({ scope }) => scope === worker)];
}
