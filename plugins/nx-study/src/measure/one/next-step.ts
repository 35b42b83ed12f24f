import { messages } from '../../state/texts.ts';
import type { MeasureTask } from '../../graph/task.ts';
import type { Stored } from '../../record/read.ts';
import type { MeasurementRecord } from '../../record/schema.ts';
import { reuse } from './reuse.ts';
import type { TooLarge } from '../../state/out-of-memory.ts';
import type { Batch } from '../batch/batch.ts';
import { prefixOf } from '../batch/prefix.ts';
import { standingOfTask } from '../../state/of-task.ts';
import type { Standing } from '../../state/standing.ts';

/** What a run has to do for a task. */
export type Step =
  | { state: 'ended'; success: boolean; text: string }
  | { state: 'derive'; directory: string }
  | ({ state: 'too-large' } & TooLarge)
  /** `isDamaged`: what lies where the result belongs doesn't count any more. */
  | { state: 'measure'; isDamaged?: boolean };

/**
 * What to do for a task, as it stands by the records on disk; a result that can be reused is copied. Asked again under
 * the device lock, for another run may have been faster.
 */
export async function nextStep(batch: Batch, task: MeasureTask, deriving: string | null): Promise<Step> {
  const standing = await standingOfTask(batch, task, deriving);
  const reused = standing.reused && (await reuse(batch, task, standing.reused));
  if (reused) return standing.next === 'derive' ? derivable(reused) : resultKept(standing, reused);
  const { next, state, stored, reported, tooLarge, damage } = standing;
  const isDamaged = damage !== null || state === 'measured';
  if (next === 'measure' || next === 'reuse') return toMeasure(batch, task, isDamaged ? standing : null);
  if (next === 'derive') {
    if (damage !== null) batch.printOnce(`${prefixOf(task)}: ${standing.why}`);
    return { state: 'derive', directory: damage?.directory ?? stored!.directory };
  }
  if (tooLarge !== null) return { state: 'too-large', ...tooLarge };
  if (reported !== null) return failureKept(task, standing, reported);
  // Another process measures it just now: a run waits for that under the device lock.
  return state === 'measured' ? resultKept(standing, stored!) : { state: 'measure' };
}

function toMeasure(batch: Batch, task: MeasureTask, damaged: Standing | null): Step {
  if (damaged === null) return { state: 'measure' };
  batch.printOnce(`${prefixOf(task)}: ${damaged.why}`);
  return { state: 'measure', isDamaged: true };
}

const derivable = ({ directory }: Stored): Step => ({ state: 'derive', directory });

function resultKept({ missingFile }: Standing, { record }: Stored): Step {
  const { reused_from, accepted } = record;
  const from = reused_from === null ? messages.reused : messages.reusedFrom(reused_from);
  const text = accepted === null ? from : `${from}, ${messages.accepted(accepted.changes)}`;
  return {
    state: 'ended',
    success: true,
    text: missingFile === null ? text : `${text}; ${messages.deriveLocal(missingFile)}`,
  };
}

/** A failure of an earlier run is reported again. */
function failureKept(task: MeasureTask, { next }: Standing, { failure, attempt }: MeasurementRecord): Step {
  if (next === 'nothing') return { state: 'ended', success: true, text: messages.expectedFailure(failure!) };
  const text = messages.final(task.study, failure!.type, attempt, failure!.message);
  return { state: 'ended', success: false, text };
}
