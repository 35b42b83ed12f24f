import { messages } from '../errors/measure.ts';
import type { MeasureTask } from '../graph/task.ts';
import { failedAttempts } from '../record/attempts.ts';
import type { Stored } from '../record/read.ts';
import { adoptOther, findOwn } from './adopt.ts';
import { localFiles, needsDeriving } from './derive.ts';
import { isExpected } from './failures.ts';
import { memoryNow } from './memory.ts';
import { headOf } from './progress.ts';
import { isSettled } from './settled.ts';
import type { Wave } from './wave.ts';

/** What is left to do for a task. */
export type Look =
  | { state: 'ended'; success: boolean; text: string }
  | { state: 'derive'; directory: string }
  | { state: 'measure' };

/** Where a task stands by the records on disk; looked at again under the device lock, for another run may have been faster. */
export async function lookAt(wave: Wave, task: MeasureTask, deriving: string | null): Promise<Look> {
  const stored = await adopt(wave, task);
  return stored ? lookAtMeasured(wave, task, stored, deriving) : lookAtFailures(wave, task);
}

async function adopt({ workspaceRoot, finished }: Wave, task: MeasureTask): Promise<Stored | null> {
  return (await findOwn(workspaceRoot, task)) ?? (await adoptOther(workspaceRoot, task, finished));
}

async function lookAtMeasured(wave: Wave, task: MeasureTask, stored: Stored, deriving: string | null): Promise<Look> {
  const { adopted_from } = stored.record;
  const text = adopted_from === null ? messages.adopted : messages.adoptedFrom(adopted_from);
  if (!needsDeriving(stored, deriving)) return { state: 'ended', success: true, text };
  const local = await localFiles(stored);
  if (local.state === 'whole') return { state: 'derive', directory: stored.directory };
  if (local.state === 'missing')
    return { state: 'ended', success: true, text: `${text}; ${messages.deriveLocal(local.file)}` };
  wave.print(`${headOf(task)}: ${messages.damagedLocal(local.file)}`);
  return { state: 'measure' };
}

async function lookAtFailures({ workspaceRoot }: Wave, task: MeasureTask): Promise<Look> {
  const last = (await failedAttempts({ workspaceRoot, ...task })).at(-1);
  if (!last?.failure) return { state: 'measure' };
  if (isExpected(last.failure, task.expect))
    return { state: 'ended', success: true, text: messages.expectedFailure(last.failure) };
  const memory = last.failure.type === 'skipped' ? await memoryNow() : null;
  if (!isSettled(last.failure, last.memory, memory)) return { state: 'measure' };
  const text = `${messages.settled(last.failure.type, last.attempt)} (${last.failure.message})`;
  return { state: 'ended', success: false, text };
}
