import { basename } from 'node:path';
import { messages } from '../../state/texts.ts';
import type { MeasureTask } from '../../graph/task.ts';
import { livingPartials } from '../../record/attempts.ts';
import { writeJournal } from '../../record/journal.ts';
import { waitForAbort } from '../../base/wait.ts';
import type { Wave } from '../batch/wave.ts';
import { headOf } from '../batch/prefix.ts';

const LOOK_MS = 1000;

/** Waits while another process measures just this: that one has lost the lock, or has another one. Returns at a stop, too. */
export async function untilNobodyMeasures(
  { workspaceRoot, stop, print }: Pick<Wave, 'workspaceRoot' | 'stop' | 'print'>,
  task: MeasureTask,
): Promise<void> {
  for (let told = false; ; told = true) {
    const [directory] = await livingPartials({ workspaceRoot, ...task });
    if (directory === undefined) return;
    const detail = messages.measuredElsewhere(basename(directory));
    if (!told) {
      print(`${headOf(task)}: waiting: ${detail}`);
      await writeJournal(workspaceRoot, task.study, { event: 'waiting', detail });
    }
    if (await waitForAbort(stop.signal, LOOK_MS)) return;
  }
}
