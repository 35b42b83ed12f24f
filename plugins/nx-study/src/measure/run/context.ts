import { reasonOf } from '../../base/reason.ts';
import type { MeasureTask } from '../../graph/task.ts';
import { writeJournal } from '../../record/journal.ts';
import { outerFailure } from '../../state/failures.ts';
import { messages } from '../../state/texts.ts';
import type { Batch } from '../batch/batch.ts';
import { prefixOf } from '../batch/prefix.ts';
import type { Outcome } from '../one/finish.ts';
import { recordNotStarted } from '../one/not-started.ts';
import type { TaskOutcome } from './outcome.ts';
import type { FailurePolicy } from './policy.ts';

/** What the tasks of one call share. */
export interface Run {
  batch: Batch;
  policy: FailurePolicy;
  /** Prints an outcome, unless Nx does, and returns it. */
  report(outcome: TaskOutcome): TaskOutcome;
  /** Prints why measurements are skipped, each reason once. */
  printSkip(task: MeasureTask, reason: string): Promise<void>;
}

/** What became of a task, before its run says so. */
export type Result = Omit<Outcome, 'directory' | 'status'> & Pick<TaskOutcome, 'final' | 'status'>;

/** Prints and journals why measurements of a study are skipped, each reason once. */
export function skipPrinter(batch: Batch): (task: MeasureTask, reason: string) => Promise<void> {
  const printed = new Set<string>();
  return async ({ study, id }, reason) => {
    if (printed.has(`${study} ${reason}`)) return;
    printed.add(`${study} ${reason}`);
    batch.print(`${study}: ${reason}`);
    await writeJournal(batch.workspaceRoot, study, { id, event: 'stopped', detail: reason });
  };
}

/** The text of an outcome, with why its study stops now, where its failure was one too many. */
export async function withReasonToStop({ batch, policy }: Run, task: MeasureTask, outcome: Result): Promise<string> {
  if (outcome.survivors) policy.block(outcome.survivors);
  const reason = outcome.status === undefined ? policy.note(task, outcome.failure) : null;
  if (reason === null) return outcome.text;
  await writeJournal(batch.workspaceRoot, task.study, { id: task.id, event: 'stopped', detail: reason });
  return `${outcome.text}\n${task.study}: ${reason}`;
}

/** Records what kept a measurement from starting. Never throws. */
export async function failedToStart(
  batch: Batch,
  task: MeasureTask,
  error: unknown,
): Promise<Result & { task: MeasureTask }> {
  const failure = outerFailure('environment', reasonOf(error));
  return { task, ...(await recordNotStarted(batch, task, failure)) };
}

/** The outcome of a task before which its run was stopped. */
export const stopped = (task: MeasureTask, { stop }: Batch): TaskOutcome => ({
  task,
  success: false,
  status: 'stopped',
  text: `${prefixOf(task)}: ${messages.stopped(stop.cause()!)}, before it started`,
});
