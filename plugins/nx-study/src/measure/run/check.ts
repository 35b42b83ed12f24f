import { openChecks } from '../../check/open.ts';
import { checkTexts } from '../../worker/check-texts.ts';
import type { MeasureTask } from '../../graph/task.ts';
import type { Worker } from '../../worker/manifest.ts';
import { outerFailure } from '../../state/failures.ts';
import type { Outcome } from '../one/finish.ts';
import { recordNotStarted } from '../one/not-started.ts';
import type { Batch } from '../batch/batch.ts';

/** Refuses what a worker can't read before anything is built or fetched for it; prints once which input could not be checked. */
export function inputGate(batch: Batch): (task: MeasureTask, worker: Worker) => Promise<Outcome | null> {
  const check = openChecks(batch.workspaceRoot, batch.stop.signal);
  const printed = new Set<string>();
  return async (task, worker) => {
    const checked = await check(task, worker);
    if (checked.state === 'wrong') {
      const message = checkTexts.wrong(checked.problems.map((problem) => problem.message));
      return recordNotStarted(batch, task, outerFailure('unsupported', message));
    }
    if (checked.state === 'unchecked' && !printed.has(checked.reason)) {
      printed.add(checked.reason);
      batch.print(`${task.study}: ${checked.reason}`);
    }
    return null;
  };
}
