import { openChecks } from '../../check/open.ts';
import type { MeasureTask } from '../../graph/task.ts';
import type { Size } from '../../worker/size.ts';
import type { Worker } from '../../worker/manifest.ts';
import { outerFailure } from '../../state/failures.ts';
import type { Outcome } from '../one/finish.ts';
import { recordNotStarted } from '../one/not-started.ts';
import type { Batch } from '../batch/batch.ts';

/** Why a measurement isn't started, or what its check says of its model. */
type Passed = { outcome: Outcome; size: null } | { outcome: null; size: Size | null };

/** Refuses what an engine or a worker is known to refuse before anything is built or fetched for it; prints once which input could not be checked. */
export function inputGate(batch: Batch): (task: MeasureTask, worker: Worker) => Promise<Passed> {
  const check = openChecks(batch.workspaceRoot, batch.stop.signal);
  const printed = new Set<string>();
  return async (task, worker) => {
    const checked = await check(task, worker);
    if (checked.state === 'wrong') {
      const failure = outerFailure(checked.type, checked.summary);
      return { outcome: await recordNotStarted(batch, task, failure), size: null };
    }
    if (checked.state === 'unchecked' && !printed.has(checked.reason)) {
      printed.add(checked.reason);
      batch.print(`${task.study}: ${checked.reason}`);
    }
    return { outcome: null, size: checked.state === 'fine' ? checked.size : null };
  };
}
