import type { PreparedEnvironment } from '../../environment/prepared.ts';
import type { MeasureTask } from '../../graph/task.ts';
import type { Size } from '../../worker/size.ts';
import type { Worker } from '../../worker/manifest.ts';
import type { Device, Batch } from '../batch/batch.ts';
import type { TaskAssets } from './assets.ts';

/** A task with all that its worker needs. */
export interface Ready {
  task: MeasureTask;
  worker: Worker;
  environment: PreparedEnvironment;
  assets: TaskAssets;
  /** What the worker's check says of its model; null where it says nothing, or nothing is measured. */
  size: Size | null;
}

/** One measurement of a batch, with the device that the batch holds. */
export interface Job extends Ready {
  batch: Batch;
  device: Device;
}

/** Cores that the worker of a task may use. */
export const cpusOf = ({ task, batch }: Pick<Job, 'task' | 'batch'>): number => task.cpus ?? batch.cpus;

/** How the memory of the GPUs is read for a job; a stop of the run ends it. */
export const gpuOptionsOf = ({ batch: { hasGpu, supervisor, stop } }: Pick<Job, 'batch'>) => ({
  hasGpu,
  boot: supervisor.boot,
  stop: stop.signal,
});
