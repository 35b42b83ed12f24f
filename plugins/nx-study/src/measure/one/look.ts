import { messages } from '../../state/texts.ts';
import type { MeasureTask } from '../../graph/task.ts';
import { lastAttempt } from '../../record/attempts.ts';
import type { Stored } from '../../record/read.ts';
import type { MeasurementRecord } from '../../record/schema.ts';
import { adoptAccepted } from './adopt-accepted.ts';
import { adoptOther } from './adopt.ts';
import { consequenceOf } from '../../state/consequence.ts';
import { memoryNow } from '../../state/memory.ts';
import type { TooLarge } from '../../state/out-of-memory.ts';
import type { Wave } from '../batch/wave.ts';
import { headOf } from '../batch/prefix.ts';
import { findOwn } from '../../state/finished.ts';
import { localFiles, needsDeriving } from '../../state/deriving.ts';

/** What is left to do for a task. */
export type Look =
  | { state: 'ended'; success: boolean; text: string }
  | { state: 'derive'; directory: string }
  | ({ state: 'too-large' } & TooLarge)
  /** `isDamaged`: what lies where the result belongs doesn't count any more. */
  | { state: 'measure'; isDamaged?: boolean };

/** Where a task stands by the records on disk; looked at again under the device lock, for another run may have been faster. */
export async function lookAt(wave: Wave, task: MeasureTask, deriving: string | null): Promise<Look> {
  const own = await findOwn(wave, task);
  if (own.state === 'whole') return lookAtMeasured(wave, task, own.stored, deriving);
  const other = await adoptable(wave, task);
  if (other) return lookAtMeasured(wave, task, other, deriving);
  if (own.state === 'absent') return lookAtFailures(wave, task);
  const { damage, measured } = own;
  wave.printOnce(`${headOf(task)}: ${messages.damaged(damage.message)}`);
  if (measured && needsDeriving(measured, deriving) && (await localFiles(measured)).state === 'whole')
    return { state: 'derive', directory: measured.directory };
  return { state: 'measure', isDamaged: true };
}

const adoptable = async (wave: Wave, task: MeasureTask): Promise<Stored | null> =>
  (await adoptOther(wave, task, wave.finished)) ?? (await adoptAccepted(wave, task, wave.finished));

async function lookAtMeasured(wave: Wave, task: MeasureTask, stored: Stored, deriving: string | null): Promise<Look> {
  const text = adoptedText(stored.record);
  if (!needsDeriving(stored, deriving)) return { state: 'ended', success: true, text };
  const local = await localFiles(stored);
  if (local.state === 'whole') return { state: 'derive', directory: stored.directory };
  if (local.state === 'missing')
    return { state: 'ended', success: true, text: `${text}; ${messages.deriveLocal(local.file)}` };
  wave.printOnce(`${headOf(task)}: ${messages.damagedLocal(local.file)}`);
  return { state: 'measure', isDamaged: true };
}

function adoptedText({ reused_from, accepted }: MeasurementRecord): string {
  const text = reused_from === null ? messages.adopted : messages.adoptedFrom(reused_from);
  return accepted === null ? text : `${text}, ${messages.accepted(accepted.changes)}`;
}

async function lookAtFailures({ workspaceRoot, outOfMemory }: Wave, task: MeasureTask): Promise<Look> {
  const last = await lastAttempt({ workspaceRoot, ...task });
  const found = await consequenceOf(task, last, { whyTooLarge: () => outOfMemory.whyTooLarge(task), memoryNow });
  if (found.state === 'expected')
    return { state: 'ended', success: true, text: messages.expectedFailure(found.failure) };
  if (found.state !== 'settled') return found;
  const { failure, attempt } = found;
  const text = messages.settled(task.study, failure.type, attempt, failure.message);
  return { state: 'ended', success: false, text };
}
