import { canonicalJson } from '../../base/canonical.ts';
import type { Json, JsonObject } from '../../base/json.ts';
import { valueAt, withValueAt } from '../../base/path.ts';
import type { LoadPath } from '../../page/llm/ladders.ts';
import { otherSettings } from '../../page/llm/subjects.ts';
import { readOutline } from '../../plan/outline.ts';
import type { Dimension } from '../../plan/dimension.ts';
import type { Study } from '../../plan/study.ts';
import type { Experiment, Plan } from '../../plan/types.ts';
import { contracts, makePlan } from '../../study/make.ts';
import type { KnownWorkers } from '../../study/make.ts';
import { readStudy } from '../../study/read.ts';
import { valueText } from '../../yaml/edit.ts';
import { insertItem } from '../../yaml/insert.ts';

/** Loads to be added to a study. */
export interface Wanted {
  /** An experiment that is to be measured under other loads, too. */
  like: Experiment;
  /** The setting that is its load. */
  path: LoadPath;
  /** Ascending. */
  loads: readonly number[];
}

/** A study's text with further loads. */
export interface StudyChange {
  text: string;
  /** Whether the report will show them in the same ladder as those that were measured. */
  isSameLadder: boolean;
}

interface StudyText {
  /** Relative to the workspace. */
  file: string;
  text: string;
  plan: Plan;
}

/**
 * The study's text with just the wanted experiments added: as values of the axis of the load where all combinations get the
 * same loads, else as explicit experiments. Each candidate is planned; one that changes more, or less, is none.
 * @returns null where neither gives just these experiments.
 */
export async function withLoads(
  { file, text, plan }: StudyText,
  wanted: readonly Wanted[],
  workers: KnownWorkers,
): Promise<StudyChange | null> {
  const { study } = readStudy(file, text);
  if (!study) return null;
  const { dimensions } = readOutline(study, contracts(study, workers).known, []);
  const found: StudyChange[] = [];
  for (const edit of [onAxis, onNewAxis, asExperiments]) {
    const changed = tried(() => edit(text, wanted, { study, dimensions }));
    const planned = changed === null ? null : await makePlan(file, changed, workers);
    if (planned?.plan && planned.issues.length === 0 && addsJust(plan, planned.plan, wanted))
      found.push({ text: changed!, isSameLadder: staysLadder(planned.plan, wanted) });
  }
  return found.find(({ isSameLadder }) => isSameLadder) ?? found[0] ?? null;
}

interface Grammar {
  study: Study;
  dimensions: readonly Dimension[];
}

/** More values of the axis that has the load. */
function onAxis(text: string, wanted: readonly Wanted[], { dimensions }: Grammar): string | null {
  const { path, like } = wanted[0]!;
  const axis = dimensions.find(({ kind, choices }) => kind === 'sweep' && isAbout(choices[0]?.settings[0]?.path, path));
  if (axis === undefined) return null;
  const key = axis.choices[0]!.settings[0]!.path.join('.');
  const values = axis.choices.map(({ settings }) => settings[0]!.value);
  const loadOf = (value: Json) => Number(valueAt({ [key]: value }, [key, ...restOf(key, path)]));
  const example = like.varied[key];
  if (example === undefined) return null;
  const loads = [...new Set(wanted.flatMap((one) => one.loads))].toSorted((one, other) => one - other);
  return loads.reduce((edited, load) => {
    const value = withLoad(key, example, { path, load });
    const behind = values.findIndex((one) => loadOf(one) > load);
    const index = behind === -1 ? values.length : behind;
    values.splice(index, 0, value);
    return insertItem(edited, axis.at, index, value);
  }, text);
}

/** An axis where nothing varies yet, with the load that there is. */
function onNewAxis(text: string, [first, ...others]: readonly Wanted[], { study, dimensions }: Grammar): string | null {
  if (others.length > 0 || dimensions.length > 0 || study.experiments.length > 0) return null;
  if (!first || Object.keys(study.sweep).length > 0 || /^sweep:/m.test(text)) return null;
  const { like, path, loads } = first;
  const values = [Number(valueAt(like.configuration, path)), ...loads].toSorted((one, other) => one - other);
  const end = text.endsWith('\n') ? '' : '\n';
  const axis =
    valueAt(like.written, 'load.mode') === undefined
      ? `load: ${valueText(values.map((value) => ({ mode: MODES[path], [nameOf(path)]: value })))}`
      : `${path}: ${valueText(values)}`;
  return `${text}${end}sweep:\n  ${axis}\n`;
}

function asExperiments(text: string, wanted: readonly Wanted[], { study }: Grammar): string {
  const entries = wanted.flatMap(({ like, path, loads }) =>
    loads.map((load) => entryOf(like, { path, load, study, several: (study.workers?.length ?? 1) > 1 })),
  );
  const length = study.experiments.length;
  return entries.reduce((edited, entry, index) => insertItem(edited, ['experiments'], length + index, entry), text);
}

/** What an explicit experiment has to say so that it is like another one, but for the load. */
function entryOf(
  { varied, worker, written }: Experiment,
  { path, load, study, several }: { path: LoadPath; load: number; study: Study; several: boolean },
): JsonObject {
  const groups = Object.keys(varied).filter((key) => Object.hasOwn(study.variants, key));
  const axes = Object.entries(varied).filter(([key]) => !groups.includes(key));
  const settings = axes.map(([key, value]) =>
    isAbout(key.split('.'), path) ? [key, withLoad(key, value, { path, load })] : [key, value],
  );
  const hasLoad = axes.some(([key]) => isAbout(key.split('.'), path));
  return {
    ...(several && { worker }),
    ...(groups.length > 0 && { variants: Object.fromEntries(groups.map((group) => [group, varied[group]!])) }),
    ...Object.fromEntries(settings),
    ...(hasLoad ? {} : loadSetting(written, path, load)),
  } as JsonObject;
}

/** One setting of a map alone would take the place of the worker's default for the whole of it. */
const loadSetting = (written: JsonObject, path: LoadPath, load: number): JsonObject =>
  valueAt(written, 'load.mode') === undefined
    ? { load: { mode: MODES[path], [nameOf(path)]: load } }
    : { [path]: load };

const MODES: Record<LoadPath, string> = { 'load.concurrency': 'closed', 'load.rate_per_s': 'open' };
const nameOf = (path: LoadPath): string => path.slice('load.'.length);

/** Whether a setting is the load, or a map around it. */
const isAbout = (setting: readonly string[] | undefined, path: LoadPath): boolean =>
  setting !== undefined && (path === setting.join('.') || path.startsWith(`${setting.join('.')}.`));

const restOf = (key: string, path: LoadPath): string[] => (key === path ? [] : path.slice(key.length + 1).split('.'));

function withLoad(key: string, value: Json, { path, load }: { path: LoadPath; load: number }): Json {
  const rest = restOf(key, path);
  return rest.length === 0 ? load : withValueAt(value as JsonObject, rest.join('.'), load);
}

const keyOf = (worker: string, configuration: JsonObject): string => `${worker}\0${canonicalJson(configuration)}`;

const keysOf = ({ like, path, loads }: Wanted): string[] =>
  loads.map((load) => keyOf(like.worker, withValueAt(like.configuration, path, load)));

function addsJust(before: Plan, after: Plan, wanted: readonly Wanted[]): boolean {
  const keys = (plan: Plan) => new Set(plan.experiments.map((one) => keyOf(one.worker, one.configuration)));
  const expected = new Set([...keys(before), ...wanted.flatMap(keysOf)]);
  const found = keys(after);
  return found.size === expected.size && [...found].every((key) => expected.has(key));
}

function staysLadder({ experiments }: Plan, wanted: readonly Wanted[]): boolean {
  return wanted.every((one) => {
    const keys = new Set(keysOf(one));
    const kept = canonicalJson(otherSettings(one.like.varied));
    return experiments
      .filter(({ worker, configuration }) => keys.has(keyOf(worker, configuration)))
      .every(({ varied }) => canonicalJson(otherSettings(varied)) === kept);
  });
}

function tried<T>(work: () => T | null): T | null {
  try {
    return work();
  } catch {
    return null;
  }
}
