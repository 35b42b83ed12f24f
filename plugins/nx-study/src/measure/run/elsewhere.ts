import { basename } from 'node:path';
import { messages } from '../../state/texts.ts';
import type { MeasureTask } from '../../graph/task.ts';
import { livingPartials } from '../../record/attempts.ts';
import { writeJournal } from '../../record/journal.ts';
import { waitForAbort } from '../../base/wait.ts';
import type { Batch } from '../batch/batch.ts';
import { prefixOf } from '../batch/prefix.ts';

const POLL_MS = 1000;

/** Waits while another process measures just this: that one has lost the lock, or has another one. Returns at a stop, too. */
export async function untilNobodyMeasures(
  { workspaceRoot, stop, print }: Pick<Batch, 'workspaceRoot' | 'stop' | 'print'>,
  task: MeasureTask,
): Promise<void> {
  for (let isPrinted = false; ; isPrinted = true) {
    const [directory] = await livingPartials({ workspaceRoot, ...task });
    if (directory === undefined) return;
    const detail = messages.measuredElsewhere(basename(directory));
    if (!isPrinted) {
      print(`${prefixOf(task)}: waiting: ${detail}`);
      await writeJournal(workspaceRoot, task.study, { event: 'waiting', detail });
    }
    if (await waitForAbort(stop.signal, POLL_MS)) return;
  }
}
