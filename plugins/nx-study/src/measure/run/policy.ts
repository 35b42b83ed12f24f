import { messages } from '../../state/texts.ts';
import type { MeasureTask } from '../../graph/task.ts';
import type { Failure } from '../../record/schema.ts';
import type { FailFast } from './fail-fast.ts';
import { failureShape } from '../../state/failures.ts';

/** When failures stop a study: the same one n times in a row, or any of the run with `NX_STUDY_FAIL_FAST`. */
export interface FailurePolicy {
  /** Notes how a measurement ended; returns why its study stops now, else null. */
  note(task: MeasureTask, failure: Failure | null): string | null;
  /** Nothing is run beside processes that could not be ended. */
  block(survivors: number[]): void;
  /** Why a task is not run any more; null when it is. */
  reasonToSkip(task: MeasureTask): string | null;
}

export function failurePolicy(failFast: FailFast): FailurePolicy {
  const streaks = new Map<string, { shape: string; count: number }>();
  const stopped = new Set<string>();
  let survivors: number[] | null = null;
  return {
    note(task, failure) {
      if (failure === null || task.expect === 'failed') {
        streaks.delete(task.study);
        return null;
      }
      // Nothing was started, and the next one may fit.
      if (failure.type === 'too-large') return null;
      const shape = failureShape(failure);
      const before = streaks.get(task.study);
      const count = before?.shape === shape ? before.count + 1 : 1;
      streaks.set(task.study, { shape, count });
      const limit = task.execution.stop_after_same_failure;
      if (limit === null || count < limit) return null;
      stopped.add(task.study);
      return messages.stopAfter(count, shape);
    },
    block(pids) {
      survivors = pids;
    },
    reasonToSkip(task) {
      if (survivors) return messages.survivors(survivors);
      if (failFast.hasFailed()) return messages.failFast;
      return stopped.has(task.study) ? messages.stoppedStudy : null;
    },
  };
}
