import { messages } from '../errors/measure.ts';
import { prepareEnvironment } from '../environment/prepare.ts';
import type { PreparedEnvironment } from '../environment/prepare.ts';
import { openContents } from '../graph/content.ts';
import { workerContent } from '../graph/identity.ts';
import type { MeasureTask } from '../graph/task.ts';
import { failedAttempts } from '../record/attempts.ts';
import type { Stored } from '../record/read.ts';
import { readWorker } from '../worker/read.ts';
import type { Worker } from '../worker/manifest.ts';
import { adoptOther, findOwn } from './adopt.ts';
import { derive, missingLocalFile, needsDeriving } from './derive.ts';
import { outerFailure, settledTypes } from './failures.ts';
import { recordNotStarted } from './not-started.ts';
import { isSet } from './policy.ts';
import { headOf } from './progress.ts';
import type { TaskOutcome } from './run.ts';
import type { Wave } from './wave.ts';

/** A task with all that its worker needs. */
export interface Ready {
  state: 'measure';
  task: MeasureTask;
  worker: Worker;
  environment: PreparedEnvironment;
  /** Hash of the deriving code; null when the worker derives nothing. */
  deriving: string | null;
}

type Derivable = Omit<Ready, 'state'> & { state: 'derive'; directory: string };
type Ended = { state: 'ended'; task: MeasureTask; outcome: Omit<TaskOutcome, 'task'> };

/** Sorts tasks, in their order, into those that are at an end, those to derive, and those to measure. */
export async function* triage(wave: Wave, tasks: MeasureTask[]): AsyncGenerator<Ready | Derivable | Ended> {
  const { workspaceRoot } = wave;
  const contents = await openContents(workspaceRoot);
  const known = new Map<string, Promise<{ worker: Worker; deriving: string | null }>>();
  const environments = new Map<string, Promise<PreparedEnvironment>>();

  const workerOf = async (name: string) => {
    const worker = await readWorker(workspaceRoot, name);
    return { worker, deriving: (await workerContent(workspaceRoot, worker, contents)).deriving };
  };
  const prepare = (worker: Worker) =>
    prepareEnvironment({ workspaceRoot, worker, signal: wave.stop.signal, onProgress: wave.print }).catch(
      async (error: unknown) => {
        await wave.stop.soon();
        throw error;
      },
    );

  for (const task of tasks) {
    try {
      const { worker, deriving } = await once(known, task.worker, () => workerOf(task.worker));
      const stored = await adopt(wave, task);
      if (stored === null) {
        const settled = await settledText(wave, task);
        if (settled !== null) {
          yield ended(task, false, settled);
          continue;
        }
      } else {
        const text = adoptedText(stored);
        if (!needsDeriving(stored, deriving)) {
          yield ended(task, true, text);
          continue;
        }
        const missing = await missingLocalFile(stored);
        if (missing !== null) {
          yield ended(task, true, `${text}; ${messages.deriveLocal(missing)}`);
          continue;
        }
      }
      const environment = await once(environments, worker.name, () => prepare(worker));
      const ready = { task, worker, environment, deriving };
      yield stored ? { ...ready, state: 'derive', directory: stored.directory } : { ...ready, state: 'measure' };
    } catch (error) {
      if (wave.stop.signal.aborted) yield ended(task, false, messages.stopped(wave.stop.cause()!), 'stopped');
      else yield ended(task, false, await environmentFailure(wave, task, error));
    }
  }
}

/** The measurement, when it is already there, if need be under another id or study; checked again under the lock. */
export async function adopt({ workspaceRoot, finished }: Wave, task: MeasureTask): Promise<Stored | null> {
  return (await findOwn(workspaceRoot, task)) ?? (await adoptOther(workspaceRoot, task, finished));
}

export const adoptedText = ({ record }: Stored): string =>
  record.adopted_from === null ? messages.adopted : messages.adoptedFrom(record.adopted_from);

/** Derives the diagnostics of a finished measurement. */
export async function deriveNow(wave: Wave, ready: Derivable): Promise<TaskOutcome> {
  const { task, worker, environment, directory, deriving } = ready;
  const problem = await derive(wave, task, worker, environment, directory, deriving!);
  if (wave.stop.signal.aborted)
    return {
      task,
      success: false,
      status: 'stopped',
      text: `${headOf(task)}: ${messages.stopped(wave.stop.cause()!)}`,
    };
  const text = problem === null ? messages.derived : messages.deriveFailed(problem);
  return { task, success: problem === null, text: `${headOf(task)}: ${text}` };
}

async function environmentFailure(wave: Wave, task: MeasureTask, error: unknown): Promise<string> {
  const message = error instanceof Error ? error.message : String(error);
  return (await recordNotStarted(wave, task, outerFailure('environment', message))).text;
}

async function settledText({ workspaceRoot }: Wave, task: MeasureTask): Promise<string | null> {
  if (isSet(process.env['NX_STUDY_RETRY'])) return null;
  const attempts = await failedAttempts({ workspaceRoot, ...task });
  const last = attempts.findLast(({ digest }) => digest === task.digest);
  if (!last?.failure || !settledTypes.has(last.failure.type)) return null;
  return `${messages.settled(last.failure.type, last.attempt)} (${last.failure.message})`;
}

function ended(task: MeasureTask, success: boolean, text: string, status?: 'stopped'): Ended {
  const head = headOf(task);
  const line = text.startsWith(head) ? text : `${head}: ${text}`;
  return { state: 'ended', task, outcome: { success, text: line, ...(status && { status }) } };
}

function once<T>(memo: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  let made = memo.get(key);
  if (!made) memo.set(key, (made = make()));
  return made;
}
