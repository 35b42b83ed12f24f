import { EnvironmentError } from '../../environment/texts.ts';
import { messages } from '../../state/texts.ts';
import { prepareEnvironment } from '../../environment/prepare.ts';
import { openContents } from '../../graph/content.ts';
import { workerContent } from '../../graph/identity.ts';
import type { MeasureTask } from '../../graph/task.ts';
import { readWorker } from '../../worker/read.ts';
import type { Worker } from '../../worker/manifest.ts';
import { rememberLoad } from '../cooling/last-load.ts';
import { assetStore } from '../one/assets.ts';
import { inputGate } from './check.ts';
import { derive } from '../one/derive.ts';
import { outerFailure } from '../../state/failures.ts';
import type { Outcome } from '../one/finish.ts';
import { lookAt } from '../one/look.ts';
import { recordNotStarted } from '../one/not-started.ts';
import { platformGate } from '../one/platform.ts';
import type { TooLarge } from '../../state/out-of-memory.ts';
import type { FailurePolicy } from './policy.ts';
import type { Wave } from '../batch/wave.ts';
import { reasonOf } from '../../base/reason.ts';
import { headOf } from '../batch/prefix.ts';
import type { PreparedEnvironment } from '../../environment/prepared.ts';
import type { TaskOutcome } from './outcome.ts';
import type { Ready } from './ready.ts';

type Derivable = Omit<Ready, 'state' | 'assets'> & { state: 'derive'; directory: string };
type Ended = { state: 'ended'; task: MeasureTask; outcome: Omit<TaskOutcome, 'task'> };

/** Sorts tasks, in their order, into those that are at an end, those to derive, and those to measure. */
export async function* triage(
  wave: Wave,
  tasks: MeasureTask[],
  policy: FailurePolicy,
): AsyncGenerator<Ready | Derivable | Ended> {
  const { workspaceRoot, stop } = wave;
  const contents = await openContents(workspaceRoot);
  const known = new Map<string, Promise<{ worker: Worker; deriving: string | null }>>();
  const environments = new Map<string, Promise<PreparedEnvironment>>();

  const workerOf = async (name: string) => {
    const worker = await readWorker(workspaceRoot, name);
    return { worker, deriving: (await workerContent(workspaceRoot, worker, contents)).deriving };
  };
  const prepare = async (worker: Worker, variant: string | null) => {
    let isBuilt = false;
    const onProgress = (line: string) => {
      isBuilt = true;
      wave.print(line);
    };
    const prepared = await prepareEnvironment({ workspaceRoot, worker, variant, signal: stop.signal, onProgress });
    // It heats the machine like a measurement.
    if (isBuilt) await rememberLoad(wave.supervisor.boot);
    return prepared;
  };

  const assets = assetStore(wave);
  const refused = platformGate(wave);
  const unreadable = inputGate(wave);

  for (const scheduled of tasks) {
    let task = scheduled;
    try {
      const { worker, deriving } = await once(known, task.worker, () => workerOf(task.worker));
      const identified = await assets.identified(task);
      if (identified === null) {
        yield ended(task, false, messages.staleGraph(task.study));
        continue;
      }
      task = identified;
      const look = await lookAt(wave, task, deriving);
      if (look.state === 'ended') {
        const { outcome, ...told } = ended(task, look.success, look.text);
        yield { ...told, outcome: { ...outcome, final: !look.success } };
        continue;
      }
      if (look.state === 'too-large') {
        const { success, text } = await recordTooLarge(wave, task, look);
        yield { state: 'ended', task, outcome: { success, text } };
        continue;
      }
      const skip = look.state === 'measure' ? policy.reasonToSkip(task) : null;
      if (skip !== null) {
        yield ended(task, false, skip, 'skipped');
        continue;
      }
      const unfit = look.state === 'measure' ? ((await refused(task)) ?? (await unreadable(task, worker))) : null;
      if (unfit !== null) {
        yield { state: 'ended', task, outcome: { success: unfit.success, text: unfit.text } };
        continue;
      }
      const { variant } = task;
      const environment = await once(environments, `${worker.name} ${variant}`, () => prepare(worker, variant));
      if (look.state === 'derive') yield { ...look, task, worker, environment, deriving };
      else yield { ...look, task, worker, environment, assets: await assets.of(task), deriving };
    } catch (error) {
      if (await stop.soon()) yield ended(task, false, messages.stopped(stop.cause()!), 'stopped');
      else yield await environmentFailure(wave, task, error);
    }
  }
}

/** Derives the diagnostics of a finished measurement. Never throws. */
export async function deriveNow(wave: Wave, ready: Derivable): Promise<TaskOutcome> {
  const { task, worker, environment, directory, deriving } = ready;
  const problem = await derive(wave, task, worker, environment, directory, deriving!).catch(reasonOf);
  await rememberLoad(wave.supervisor.boot);
  if (wave.stop.signal.aborted) {
    const text = `${headOf(task)}: ${messages.stopped(wave.stop.cause()!)}`;
    return { task, success: false, status: 'stopped', text };
  }
  const text = problem === null ? messages.derived : messages.deriveFailed(problem);
  return { task, success: problem === null, text: `${headOf(task)}: ${text}` };
}

/** Records that a measurement is not started, as it is larger than one that ran out of memory. */
export const recordTooLarge = (wave: Wave, task: MeasureTask, { reason, larger_than }: TooLarge): Promise<Outcome> =>
  recordNotStarted(wave, task, outerFailure('too-large', reason), { larger_than });

async function environmentFailure(wave: Wave, task: MeasureTask, error: unknown): Promise<Ended> {
  const type = error instanceof EnvironmentError ? error.type : 'environment';
  const { success, text } = await recordNotStarted(wave, task, outerFailure(type, reasonOf(error)));
  return { state: 'ended', task, outcome: { success, text } };
}

function ended(task: MeasureTask, success: boolean, text: string, status?: 'stopped' | 'skipped'): Ended {
  return { state: 'ended', task, outcome: { success, text: `${headOf(task)}: ${text}`, ...(status && { status }) } };
}

function once<T>(memo: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  let made = memo.get(key);
  if (!made) memo.set(key, (made = make()));
  return made;
}
