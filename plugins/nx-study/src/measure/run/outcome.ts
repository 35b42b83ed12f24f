import type { MeasureTask } from '../../graph/task.ts';

/** What is reported to Nx about a task. */
export interface TaskOutcome {
  task: MeasureTask;
  success: boolean;
  /** Set for a task that did not come to an end of its own. */
  status?: 'stopped' | 'skipped';
  /** Set for a failure of an earlier run, which is only reported. */
  final?: boolean;
  text: string;
}
