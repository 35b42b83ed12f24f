import { join } from 'node:path';
import type { MeasureTask } from '../../graph/task.ts';
import type { Kind } from '../../kinds/kind.ts';
import { canonicalJson } from '../../base/canonical.ts';
import { measurementId } from '../../plan/identity.ts';
import { median } from '../../base/quantile.ts';
import { measurementDirectory } from '../../record/paths.ts';
import { readRecord, subfolders } from '../../record/read.ts';
import type { Identity, MeasurementRecord } from '../../record/schema.ts';
import type { TimeLimits } from './time.ts';

// Chosen; no measurement is recorded.
const TIMES_THE_LONGEST = 10;
const TIMES_THE_USUAL = 3;
// Short measurements are at the mercy of the machine: what takes 2 s may take 20.
const LEAST_LIMIT_S = 600;
const LEAST_USUAL_S = 30;

/** The limits of a measurement: the study's, else from how long its experiment took before, else from its work. */
export function timeLimits(
  { execution, configuration }: MeasureTask,
  kind: Kind,
  history_s: number[],
  model_bytes: number,
): TimeLimits {
  const { timeout_s, phase_timeout_s, stalled_s } = execution;
  const longest = Math.max(0, ...history_s);
  const total = (): TimeLimits['total'] => {
    if (timeout_s !== null) return { limit_s: timeout_s, source: 'study' };
    if (longest > 0)
      return { limit_s: Math.max(LEAST_LIMIT_S, Math.ceil(TIMES_THE_LONGEST * longest)), source: 'history' };
    const longest_s = kind.maxDuration_s?.({ configuration, model_bytes });
    return longest_s === undefined ? null : { limit_s: Math.ceil(longest_s), source: 'work' };
  };
  return {
    total: total(),
    phases: phase_timeout_s,
    stalled_s,
    usual_s: longest > 0 ? Math.max(LEAST_USUAL_S, TIMES_THE_USUAL * median(history_s)) : null,
  };
}

type Place = Pick<MeasureTask, 'study' | 'experiment' | 'repetition'>;

/** How long this repetition of an experiment and those before it took, s: also with earlier code and data, and in earlier takes. */
export async function earlierTimes(workspaceRoot: string, place: Place): Promise<number[]> {
  return timesOf(await earlierRecords(workspaceRoot, place));
}

/** The same, of those alone that read the same files and models: what is a thousand times as large may well take a thousand times as long. */
export async function earlierTimesOfInput(
  workspaceRoot: string,
  place: Place,
  { configuration }: Pick<Identity, 'configuration'>,
): Promise<number[]> {
  const own = canonicalJson(configuration);
  const records = await earlierRecords(workspaceRoot, place);
  return timesOf(records.filter(({ identity }) => canonicalJson(identity.configuration) === own));
}

const timesOf = (records: readonly MeasurementRecord[]): number[] =>
  records.flatMap(({ elapsed_s }) => elapsed_s ?? []);

async function earlierRecords(
  workspaceRoot: string,
  { study, experiment, repetition }: Place,
): Promise<MeasurementRecord[]> {
  // By name: listing all of a large study for each of its measurements would take quadratic time.
  const ids = Array.from({ length: repetition }, (_, index) => measurementId(experiment, index + 1));
  const finished = ids.map(async (id) => {
    const root = measurementDirectory({ workspaceRoot, study, id });
    return (await subfolders(root)).map((digest) => join(root, digest));
  });
  const records = await Promise.all((await Promise.all(finished)).flat().map(readRecord));
  return records.flatMap((record) => (record?.outcome === 'measured' ? record : []));
}
