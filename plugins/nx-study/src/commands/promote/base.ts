import { canonicalJson } from '../../base/canonical.ts';
import type { JsonObject } from '../../base/json.ts';
import { isJsonObject } from '../../base/json.ts';
import { mergeAt, valueAt } from '../../base/path.ts';
import { readSettings, settingsFor } from '../../plan/scope.ts';
import type { Scopes, Setting } from '../../plan/scope.ts';
import type { Study } from '../../plan/study.ts';
import { contracts } from '../../study/make.ts';
import type { KnownWorkers } from '../../study/make.ts';
import { readStudy } from '../../study/read.ts';
import { editYaml } from '../../yaml/edit.ts';
import type { Place } from '../../yaml/problem.ts';
import { usedWorkers } from '../../plan/workers.ts';
import { changesBetween } from './differences.ts';
import { changeText, refusals, whyByHand } from './texts.ts';
import type { Change } from './texts.ts';

/** A study file, and the settings that its `base` has for each worker. */
interface Base {
  study: Study;
  scopes: Scopes;
  settings: Setting[];
}

export interface BaseChange {
  text: string;
  changes: Change[];
}

/**
 * A study file's text whose `base` is just the given settings for one worker: for its other workers, and everywhere else, the
 * file means the same as before, and the lines that need not change are the same.
 * @param target - as a study's author writes settings, without the worker's defaults.
 * @throws Error where that can't be done, with the settings to write by hand.
 */
export function withBase(
  file: string,
  text: string,
  { worker, target, workers }: { worker: string; target: JsonObject; workers: KnownWorkers },
): BaseChange {
  const before = readBase(file, text, workers);
  const changes = changesBetween(baseOf(before, worker), target);
  const refuse = (why: string) => new Error(refusals.byHand(file, changes.map(changeText), why));
  let edited = text;
  for (const change of changes) {
    const current = readBase(file, edited, workers);
    try {
      for (const [at, value] of edits(file, current, worker, change)) edited = editYaml(edited, at, value);
    } catch (error) {
      throw error instanceof Refused ? error : refuse((error as Error).message);
    }
  }
  const { study } = readStudy(file, edited);
  if (!study) throw refuse(whyByHand.base);
  const after = readBase(file, edited, workers);
  const isSame = (one: unknown, other: unknown) =>
    canonicalJson(one as JsonObject) === canonicalJson(other as JsonObject);
  if (!isSame({ ...before.study, base: null }, { ...after.study, base: null })) throw refuse(whyByHand.elsewhere);
  for (const name of before.scopes.used)
    if (name !== worker && !isSame(baseOf(before, name), baseOf(after, name))) throw refuse(whyByHand.otherWorkers);
  if (!isSame(baseOf(after, worker), target)) throw refuse(whyByHand.base);
  return { text: edited, changes };
}

/** The settings of a study's base for a worker, as written. */
export const baseIn = (file: string, text: string, { worker, workers }: { worker: string; workers: KnownWorkers }) =>
  baseOf(readBase(file, text, workers), worker);

class Refused extends Error {}

function readBase(file: string, text: string, workers: KnownWorkers): Base {
  const { study } = readStudy(file, text);
  if (!study) throw new Error(whyByHand.base);
  const { known } = contracts(study, workers);
  const used = usedWorkers(study, known, []);
  const scopes = { used: used.names, known: new Set(known.keys()), settings: used.settings };
  return { study, scopes, settings: readSettings(study.base, ['base'], scopes, []) };
}

const baseOf = ({ settings }: Base, worker: string): JsonObject =>
  settingsFor(settings, worker).reduce<JsonObject>((merged, { path, value }) => mergeAt(merged, path, value), {});

/** The places in the file to change for one setting of a worker, each with its new value, or none. */
function edits(file: string, base: Base, worker: string, { path, after }: Change): [Place, Change['after']][] {
  const { settings, scopes, study } = base;
  const isShared = scopes.used.length > 1;
  const own = settingsFor(settings, worker);
  const editable = isShared ? own.filter(({ scope }) => scope === worker) : own;
  const providing = own.filter((setting) => begins(setting.path, path) && provided(setting, path) !== undefined);
  const below = editable.filter((setting) => setting.path.length > path.length && begins(path, setting.path));
  const removed = below.map(({ at }): [Place, undefined] => [at, undefined]);
  if (after === undefined) {
    if (providing.some((setting) => !editable.includes(setting)))
      throw new Refused(refusals.shared(file, path, worker, scopes.used));
    return [...providing.map((setting): [Place, undefined] => [placeIn(setting, path), undefined]), ...removed];
  }
  const last = editable.findLast((setting) => providing.includes(setting));
  if (last) return [...removed, [placeIn(last, path), after]];
  const around = editable.findLast((setting) => begins(setting.path, path) && isJsonObject(setting.value));
  if (around) return [...removed, [placeIn(around, path), after]];
  const key = path.every((one) => !one.includes('.')) ? [path.join('.')] : path;
  const isScoped = isShared || Object.hasOwn(study.base, worker);
  return [...removed, [['base', ...(isScoped && scopes.known.has(worker) ? [worker] : []), ...key], after]];
}

const begins = (path: readonly string[], of: readonly string[]): boolean =>
  path.length <= of.length && path.every((key, index) => of[index] === key);

const provided = ({ path, value }: Setting, of: readonly string[]) => valueAt(value, of.slice(path.length));

const placeIn = ({ at, path }: Setting, of: readonly string[]): Place => [...at, ...of.slice(path.length)];
