import { messages } from '../../state/texts.ts';
import type { MeasureTask } from '../../graph/task.ts';
import type { Outcome } from '../one/finish.ts';
import { isExpected } from '../../state/failures.ts';
import { noTimeFor } from '../limits/budget.ts';
import type { Batch } from '../batch/batch.ts';
import { prefixOf } from '../batch/prefix.ts';

type Attempt = Pick<Outcome, 'failure' | 'survivors'>;
type Circumstances = Pick<Batch, 'stop' | 'print' | 'workspaceRoot' | 'runStart'>;

/** Tries a measurement again right away, as often as its study allows for its type of failure; the last attempt stands. */
export async function withRetries<T extends Attempt>(
  { stop, print, workspaceRoot, runStart }: Circumstances,
  task: MeasureTask,
  measure: () => Promise<T>,
): Promise<T> {
  const times = task.execution.retry?.times ?? 0;
  let outcome = await measure();
  for (let retry = 1; retry <= times && !stop.signal.aborted && isWorthIt(task, outcome); retry += 1) {
    if ((await noTimeFor({ workspaceRoot, runStart, stop }, task)) !== null) break;
    print(`${prefixOf(task)}: ${messages.retrying(outcome.failure!.type, retry, times)}`);
    outcome = await measure();
  }
  return outcome;
}

function isWorthIt({ execution: { retry }, expect }: MeasureTask, { failure, survivors }: Attempt): boolean {
  if (failure === null || survivors !== undefined || isExpected(failure, expect)) return false;
  return retry!.on.includes(failure.type);
}
