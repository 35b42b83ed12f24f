import type { PreparedEnvironment } from '../../environment/prepared.ts';
import type { MeasureTask } from '../../graph/task.ts';
import type { Worker } from '../../worker/manifest.ts';
import type { Device, Wave } from '../batch/wave.ts';
import type { TaskAssets } from './assets.ts';

/** A task with all that its worker needs. */
export interface Ready {
  task: MeasureTask;
  worker: Worker;
  environment: PreparedEnvironment;
  assets: TaskAssets;
}

/** One measurement of a wave that holds the device. */
export interface Job extends Ready {
  wave: Wave;
  device: Device;
}

/** Cores that the worker of a task may use. */
export const cpusOf = ({ task, wave }: Pick<Job, 'task' | 'wave'>): number => task.cpus ?? wave.cpus;

/** How the memory of the GPUs is read for a job; a stop of the run ends it. */
export const gpuOptionsOf = ({ wave: { hasGpu, supervisor, stop } }: Pick<Job, 'wave'>) => ({
  hasGpu,
  boot: supervisor.boot,
  stop: stop.signal,
});
