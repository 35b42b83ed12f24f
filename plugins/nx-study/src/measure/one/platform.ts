import { platformTexts } from '../../platform/texts.ts';
import type { MeasureTask } from '../../graph/task.ts';
import { isProfile } from '../../platform/name.ts';
import { outerFailure } from '../../state/failures.ts';
import type { Outcome } from './finish.ts';
import { recordNotStarted } from './not-started.ts';
import type { Batch } from '../batch/batch.ts';
import { prefixOf } from '../batch/prefix.ts';
import type { Fitness } from '../../state/fitness.ts';
import { fitnessOn } from '../../state/fitness.ts';

/**
 * Refuses what this machine doesn't fit before anything is built or fetched for it; reports each reason in full once. What
 * another measurement may cause is asked under the device lock only.
 */
export function platformGate(batch: Batch): (task: MeasureTask) => Promise<Outcome | null> {
  const reported = new Set<string>();
  let fitnessOf: ReturnType<typeof fitnessOn> | undefined;
  return async (task) => {
    if (task.cpus === null && !isProfile(task.platform)) return null;
    fitnessOf ??= fitnessOn(batch.workspaceRoot, await batch.machine(), 'lasting');
    const fitness = await fitnessOf(task);
    if (fitness.refusal === null) return null;
    const outcome = await refuse(batch, task, fitness);
    const reason = `${task.study} ${fitness.refusal}`;
    if (!reported.has(reason)) {
      reported.add(reason);
      return outcome;
    }
    return { ...outcome, text: `${prefixOf(task)}: failed (platform: ${platformTexts.refusedAlike})` };
  };
}

/** Records that a measurement was not started on a machine that doesn't fit. */
export const refuse = (batch: Batch, task: MeasureTask, { refusal, platform }: Fitness): Promise<Outcome> =>
  recordNotStarted(batch, task, outerFailure('platform', refusal!), { platform });
