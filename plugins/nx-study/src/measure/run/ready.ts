import type { MeasureTask } from '../../graph/task.ts';
import type { Worker } from '../../worker/manifest.ts';
import type { TaskAssets } from '../one/assets.ts';
import type { PreparedEnvironment } from '../../environment/prepared.ts';

/** A task with all that its worker needs. */
export interface Ready {
  state: 'measure';
  task: MeasureTask;
  worker: Worker;
  environment: PreparedEnvironment;
  assets: TaskAssets;
  /** Hash of the deriving code; null when the worker derives nothing. */
  deriving: string | null;
}
