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
import { StudyError } from '../../yaml/texts.ts';
import { withBase } from './base.ts';
import { refusals } from './texts.ts';
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
  const change = withBase(file, text, { worker, target, workers });
  const planned = await makePlan(file, change.text, workers);
  if (planned.plan === null || planned.issues.length > 0)
    throw new Error(refusals.unplannable(file, new StudyError(file, planned.issues).message));
  const consequences = {
    repeats: repeatsOf(planned, { worker, target, workers }),
    anew: { count: newIn(planned.plan, plan), of: planned.plan.experiments.length },
    remarks: [],
  };
  return { file, before: text, after: change.text, changes: change.changes, consequences };
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
