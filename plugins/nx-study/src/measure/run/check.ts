import { openChecks } from '../../check/open.ts';
import { checkTexts } from '../../worker/check-texts.ts';
import type { MeasureTask } from '../../graph/task.ts';
import type { Worker } from '../../worker/manifest.ts';
import { outerFailure } from '../../state/failures.ts';
import type { Outcome } from '../one/finish.ts';
import { recordNotStarted } from '../one/not-started.ts';
import type { Wave } from '../batch/wave.ts';

/** Refuses what a worker can't read before anything is built or fetched for it; says once what could not be checked. */
export function inputGate(wave: Wave): (task: MeasureTask, worker: Worker) => Promise<Outcome | null> {
  const check = openChecks(wave.workspaceRoot, wave.stop.signal);
  const told = new Set<string>();
  return async (task, worker) => {
    const checked = await check(task, worker);
    if (checked.state === 'wrong') {
      const message = checkTexts.wrong(checked.problems.map((problem) => problem.message));
      return recordNotStarted(wave, task, outerFailure('unsupported', message));
    }
    if (checked.state === 'unchecked' && !told.has(checked.reason)) {
      told.add(checked.reason);
      wave.print(`${task.study}: ${checked.reason}`);
    }
    return null;
  };
}
