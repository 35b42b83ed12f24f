import { messages } from '../errors/measure.ts';
import type { MeasureTask } from '../graph/task.ts';
import { failedAttempts } from '../record/attempts.ts';
import type { Stored } from '../record/read.ts';
import type { MeasurementRecord } from '../record/schema.ts';
import { adoptAccepted } from './adopt-accepted.ts';
import { adoptOther, findOwn } from './adopt.ts';
import { localFiles, needsDeriving } from './derive.ts';
import { isExpected, isSettled } from './failures.ts';
import { mayFit, memoryNow } from './memory.ts';
import type { TooLarge } from './out-of-memory.ts';
import { isSet } from './policy.ts';
import { headOf } from './progress.ts';
import type { Wave } from './wave.ts';

/** What is left to do for a task. */
export type Look =
  | { state: 'ended'; success: boolean; text: string }
  | { state: 'derive'; directory: string }
  | ({ state: 'skip' } & TooLarge)
  | { state: 'measure' };

/** Where a task stands by the records on disk; looked at again under the device lock, for another run may have been faster. */
export async function lookAt(wave: Wave, task: MeasureTask, deriving: string | null): Promise<Look> {
  const stored = await adopt(wave, task);
  return stored ? lookAtMeasured(wave, task, stored, deriving) : lookAtFailures(wave, task);
}

async function adopt({ workspaceRoot, finished }: Wave, task: MeasureTask): Promise<Stored | null> {
  return (
    (await findOwn(workspaceRoot, task)) ??
    (await adoptOther(workspaceRoot, task, finished)) ??
    (await adoptAccepted(workspaceRoot, task, finished))
  );
}

async function lookAtMeasured(wave: Wave, task: MeasureTask, stored: Stored, deriving: string | null): Promise<Look> {
  const text = adoptedText(stored.record);
  if (!needsDeriving(stored, deriving)) return { state: 'ended', success: true, text };
  const local = await localFiles(stored);
  if (local.state === 'whole') return { state: 'derive', directory: stored.directory };
  if (local.state === 'missing')
    return { state: 'ended', success: true, text: `${text}; ${messages.deriveLocal(local.file)}` };
  wave.print(`${headOf(task)}: ${messages.damagedLocal(local.file)}`);
  return { state: 'measure' };
}

function adoptedText({ adopted_from, accepted }: MeasurementRecord): string {
  const text = adopted_from === null ? messages.adopted : messages.adoptedFrom(adopted_from);
  return accepted === null ? text : `${text}, ${messages.accepted(accepted.changes)}`;
}

async function lookAtFailures(wave: Wave, task: MeasureTask): Promise<Look> {
  const last = (await failedAttempts({ workspaceRoot: wave.workspaceRoot, ...task })).at(-1);
  // Somebody asked for this one.
  if (last && last.lifted_at !== null) return { state: 'measure' };
  if (last?.failure && isExpected(last.failure, task.expect))
    return { state: 'ended', success: true, text: messages.expectedFailure(last.failure) };
  if (isSet(process.env['NX_STUDY_RETRY'])) return { state: 'measure' };
  const large = await wave.outOfMemory.whyTooLarge(task);
  if (last?.failure) {
    // A neighbour may have had the memory then.
    const fits = last.failure.type === 'skipped' && mayFit(last.memory, await memoryNow());
    const text = messages.settled(task.study, last.failure.type, last.attempt, last.failure.message);
    if (isSettled(last, { tooLarge: large !== null, fits })) return { state: 'ended', success: false, text };
  }
  return large === null ? { state: 'measure' } : { state: 'skip', ...large };
}
