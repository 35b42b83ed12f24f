import type { MeasureTask } from '../../graph/task.ts';
import type { Queue } from '../../slurm/queue.ts';
import type { Batch } from '../batch/batch.ts';
import { prefixOf } from '../batch/prefix.ts';
import type { JobFile } from './job-file.ts';
import type { Settled } from './settle.ts';

/** One measurement that a job is to make. */
export interface ByJob {
  batch: Batch;
  queue: Queue;
  task: MeasureTask;
  /** The measurements of its lane that come after it, in their order: the same job may make some of them. */
  after: readonly MeasureTask[];
  /** Hash of the deriving code; null when the worker derives nothing. */
  deriving: string | null;
  /** The node that the lane keeps; null where it has none yet. */
  node: string | null;
  /** Whether the lane may go to another node. */
  mayMove: boolean;
  /** Aborts where this process goes on with nothing, and the jobs do. */
  leave: AbortSignal;
}

/**
 * `left`: the job goes on without this process. `lost`: its node can't be used. `late`: the run's time was over before it
 * began. `again`: its job ended before its turn, or in another run; nothing keeps it from being measured now.
 */
export type JobEnd =
  | { state: 'settled'; settled: Settled; node: string | null }
  | { state: 'left' }
  | { state: 'lost' }
  | { state: 'late'; reason: string }
  | { state: 'again' };

/** A job that makes a measurement, and perhaps others. */
export interface Watched extends Pick<JobFile, 'name' | 'position' | 'of'> {
  job: string;
  /** Whether this run submitted it, or one that is gone: nobody else ends it. */
  isOurs: boolean;
}

/** How a line about a job begins: with its measurement, or with the study where it makes several. */
export const headOf = (task: MeasureTask, of: number): string => (of === 1 ? prefixOf(task) : task.study);
