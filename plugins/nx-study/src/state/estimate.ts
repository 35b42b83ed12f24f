import { quantile, sort } from '../base/quantile.ts';
import type { RoughTime } from '../kinds/kind.ts';
import type { MeasureTask } from '../graph/task.ts';
import type { MeasurementRecord } from '../record/schema.ts';

/** How long a measurement will take, from those that were measured. */
export interface Estimate {
  /** Median, s. */
  median_s: number;
  low_s: number;
  high_s: number;
  /** Number of earlier measurements; 0 for a rule. */
  from: number;
  /** Which ones: the nearest group that has any, else a rule of its kind. */
  basis: 'same experiment' | 'same worker, by size' | 'same study and worker' | 'same worker' | 'rule';
}

/** What is known of a measurement's time by the size of its model. */
export interface BySize {
  /** The times of others of the same worker, scaled to its size, s. */
  scaled: readonly number[];
  rough: RoughTime | null;
}

/** From measured records, else by a rule; null where there is neither. */
export function estimateTime(
  task: MeasureTask,
  measured: MeasurementRecord[],
  { scaled, rough }: BySize = { scaled: [], rough: null },
): Estimate | null {
  const worker = measured.filter((record) => record.worker === task.worker && record.elapsed_s !== null);
  const study = worker.filter((record) => record.study === task.study);
  const experiment = study.filter((record) => record.experiment === task.experiment);
  return (
    summary(timesOf(experiment), 'same experiment') ??
    summary(scaled, 'same worker, by size') ??
    summary(timesOf(study), 'same study and worker') ??
    summary(timesOf(worker), 'same worker') ??
    (rough && { ...rough, from: 0, basis: 'rule' })
  );
}

const timesOf = (records: MeasurementRecord[]) => records.map(({ elapsed_s }) => elapsed_s!);

/** From the times of such measurements, s; null when there are none. */
export function summary(elapsed: readonly number[], basis: Estimate['basis']): Estimate | null {
  const times = sort(elapsed);
  if (times.length === 0) return null;
  return { median_s: quantile(times, 0.5), low_s: times[0]!, high_s: times.at(-1)!, from: times.length, basis };
}
