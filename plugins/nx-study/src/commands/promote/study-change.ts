import { posix } from 'node:path';
import { canonicalJson } from '../../base/canonical.ts';
import type { JsonObject } from '../../base/json.ts';
import { mapPaths, leaves, valueAt } from '../../base/path.ts';
import { describeCombination } from '../../base/words.ts';
import { readOutline } from '../../plan/outline.ts';
import { settingsFor } from '../../plan/scope.ts';
import type { Experiment, Plan } from '../../plan/types.ts';
import { contracts, makePlan } from '../../study/make.ts';
import type { KnownWorkers, PlannedText } from '../../study/make.ts';
import { readStudy } from '../../study/read.ts';
import { configChecker } from '../../worker/config.ts';
import { StudyError } from '../../yaml/texts.ts';
import { baseIn, withBase } from './base.ts';
import type { BaseChange } from './base.ts';
import { effectsOn } from './effects.ts';
import { neededOf } from './needed.ts';
import { promoteTexts, refusals, whyByHand } from './texts.ts';
import type { Change } from './texts.ts';

/** What becomes of a file when a configuration becomes the default, and what follows from that. */
export interface Promotion {
  /** Relative to the workspace. */
  file: string;
  before: string;
  after: string;
  changes: Change[];
  /** Sentences about what follows. */
  consequences: Consequences;
}

export interface Consequences {
  /** Values of axes and variants that the base now has, too. */
  repeats: string[];
  /** A line for each experiment of the changed study whose configuration changes; none for a worker's defaults. */
  changed: string[];
  /** Experiments of the changed study with a configuration that it did not have before; null for a worker's defaults. */
  anew: { count: number; of: number } | null;
  remarks: string[];
}

/**
 * The change of a study's file that makes an experiment's configuration its base: with all axes, variants and explicit
 * experiments taken out, the study has just that configuration for the experiment's worker.
 * @param from - the file of the study that measured the experiment; data files are named relative to their study.
 * @throws Error where there is no such change, and where the study could not be planned with it.
 */
export async function promoteInto(
  { file, text, plan }: { file: string; text: string; plan: Plan },
  experiment: Experiment,
  { from, workers }: { from: string; workers: KnownWorkers },
): Promise<Promotion> {
  const { worker } = experiment;
  const target = from === file ? experiment.written : rebased(experiment, posix.dirname(file));
  const { study } = readStudy(file, text);
  if (!study) throw new Error(whyByHand.base);
  const attempt = async (settings: JsonObject): Promise<Attempt> => {
    const change = withBase(file, text, { worker, target: settings, workers });
    const planned = await makePlan(file, change.text, workers);
    const isPlanned = planned.plan !== null && planned.issues.length === 0;
    const after = { study: planned.read.study!, plan: isPlanned ? planned.plan : null };
    return { change, planned, plan: after.plan, changed: effectsOn({ study, plan }, after, workers) };
  };
  const whole = await attempt(target);
  const needed = neededOf(baseIn(file, text, { worker, workers }), target, configChecker(workers.get(worker)!));
  const { change, planned, plan: after, changed } = needed === target ? whole : better(whole, await attempt(needed));
  if (after === null)
    throw new Error(refusals.unplannable(file, changed, new StudyError(file, planned.issues).message));
  const spared = needless(whole.change, change);
  const consequences = {
    repeats: repeatsOf(planned, { worker, target, workers }),
    changed,
    anew: { count: newIn(after, plan), of: after.experiments.length },
    remarks: spared.length > 0 ? [promoteTexts.byDefault(worker, spared)] : [],
  };
  return { file, before: text, after: change.text, changes: change.changes, consequences };
}

/** A base that was tried, and what the study is with it. */
interface Attempt {
  change: BaseChange;
  planned: PlannedText;
  /** null where the study can't be planned with it. */
  plan: Plan | null;
  changed: string[];
}

/** The settings as a whole say more to a reader, so they stand in the base where that changes no more experiments. */
const better = (whole: Attempt, needed: Attempt): Attempt =>
  needed.plan !== null && (whole.plan === null || needed.changed.length < whole.changed.length) ? needed : whole;

/** Settings that the larger change sets and the smaller one leaves to the worker's defaults, dotted. */
function needless(whole: BaseChange, made: BaseChange): string[] {
  const set = new Set(made.changes.map(({ path }) => path.join('.')));
  return whole.changes.map(({ path }) => path.join('.')).filter((path) => !set.has(path));
}

/** The settings with data files as another study names them. */
function rebased({ written, configuration, dataFiles }: Experiment, folder: string): JsonObject {
  return dataFiles.reduce((settings, path) => {
    const file = valueAt(configuration, path);
    const isRight = (text: string) => posix.join(folder, text) === file;
    return mapPaths(settings, [path], (text) =>
      isRight(text) || typeof file !== 'string' ? text : posix.relative(folder, file),
    );
  }, written);
}

function repeatsOf(
  { read }: PlannedText,
  { worker, target, workers }: { worker: string; target: JsonObject; workers: KnownWorkers },
): string[] {
  const study = read.study!;
  const { dimensions } = readOutline(study, contracts(study, workers).known, []);
  return dimensions.flatMap(({ kind, choices }) =>
    choices.flatMap(({ settings, varied }) => {
      const own = settingsFor(settings, worker).flatMap(({ path, value }) => leaves(value, path));
      const isRepeated = own.length > 0 && own.every(({ path, value }) => isSame(valueAt(target, path), value));
      return isRepeated ? [`${kind}: ${describeCombination(varied)}`] : [];
    }),
  );
}

const isSame = (one: unknown, other: unknown): boolean =>
  one !== undefined && canonicalJson(one as JsonObject) === canonicalJson(other as JsonObject);

const keyOf = ({ worker, configuration }: Experiment): string => `${worker}\0${canonicalJson(configuration)}`;

function newIn(after: Plan, before: Plan): number {
  const known = new Set(before.experiments.map(keyOf));
  return after.experiments.filter((experiment) => !known.has(keyOf(experiment))).length;
}
