import type { MeasureTask } from '../../graph/task.ts';
import { writeJournal } from '../../record/journal.ts';
import type { Batch } from '../batch/batch.ts';
import { journalUnwritable } from '../../record/texts.ts';
import type { TaskOutcome } from './outcome.ts';

/**
 * Writes into the journals of a batch's studies that it begins. Of each study it writes later that nothing is left to do, or
 * how much is left when the batch ends.
 */
export async function noteBatch(
  batch: Pick<Batch, 'workspaceRoot' | 'supervisor' | 'nx' | 'stop' | 'print'>,
  tasks: Pick<MeasureTask, 'study'>[],
) {
  const left = new Map<string, number>();
  for (const { study } of tasks) left.set(study, (left.get(study) ?? 0) + 1);
  const { workspaceRoot, supervisor, nx } = batch;
  for (const [study, count] of left) {
    const entry = { event: 'batch' as const, supervisor, nx, tasks: count };
    await writeJournal(workspaceRoot, study, entry, (why) => batch.print(journalUnwritable(study, why)));
  }
  const noteEndOf = async (study: string) => {
    await writeJournal(workspaceRoot, study, {
      event: 'batch-ended',
      left: left.get(study)!,
      cause: batch.stop.cause(),
    });
    left.delete(study);
  };
  return {
    /** A stopped task did not come to an end. */
    async noteOutcome({ task: { study }, status }: Pick<TaskOutcome, 'status'> & { task: Pick<MeasureTask, 'study'> }) {
      if (status === 'stopped') return;
      left.set(study, left.get(study)! - 1);
      // Other studies may go on for hours.
      if (left.get(study) === 0) await noteEndOf(study);
    },
    async noteEnd(): Promise<void> {
      for (const study of left.keys()) await noteEndOf(study);
    },
  };
}
