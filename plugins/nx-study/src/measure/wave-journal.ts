import type { MeasureTask } from '../graph/task.ts';
import { writeJournal } from '../record/journal.ts';
import type { TaskOutcome } from './run.ts';
import type { Wave } from './wave.ts';

/** Tells the journals of a wave's studies when it begins, and what it leaves when it ends. */
export async function noteWave(wave: Wave, tasks: MeasureTask[]) {
  const left = new Map<string, number>();
  for (const { study } of tasks) left.set(study, (left.get(study) ?? 0) + 1);
  const { workspaceRoot, supervisor, nx } = wave;
  for (const [study, count] of left)
    await writeJournal(workspaceRoot, study, { event: 'wave', supervisor, nx, tasks: count });
  return {
    /** A stopped task did not come to an end. */
    noteOutcome({ task, status }: TaskOutcome): void {
      if (status !== 'stopped') left.set(task.study, left.get(task.study)! - 1);
    },
    async noteEnd(): Promise<void> {
      for (const [study, count] of left)
        await writeJournal(workspaceRoot, study, { event: 'wave-ended', left: count, cause: wave.stop.cause() });
    },
  };
}
