import { EnvironmentError } from '../../environment/texts.ts';
import { messages } from '../../state/texts.ts';
import type { MeasureTask } from '../../graph/task.ts';
import type { Worker } from '../../worker/manifest.ts';
import { rememberLoad } from '../cooling/last-load.ts';
import { inputGate } from './check.ts';
import { derive } from '../one/derive.ts';
import { outerFailure } from '../../state/failures.ts';
import type { Outcome } from '../one/finish.ts';
import type { Ready } from '../one/job.ts';
import { lookAt } from '../one/look.ts';
import type { Look } from '../one/look.ts';
import { recordNotStarted } from '../one/not-started.ts';
import { platformGate } from '../one/platform.ts';
import type { TooLarge } from '../../state/out-of-memory.ts';
import type { FailurePolicy } from './policy.ts';
import type { Wave } from '../batch/wave.ts';
import { reasonOf } from '../../base/reason.ts';
import { headOf } from '../batch/prefix.ts';
import type { TaskOutcome } from './outcome.ts';
import { openSupplies } from './supplies.ts';

/** Needs no device: only its diagnostics are to be derived. */
type Derivable = Omit<Ready, 'assets'> & { state: 'derive'; directory: string; deriving: string | null };

/** `deriving`: hash of the deriving code; null when the worker derives nothing. `isDamaged`: its result on disk doesn't count any more. */
export type Measurable = Ready & { state: 'measure'; deriving: string | null; isDamaged?: boolean };

type Ended = { state: 'ended'; task: MeasureTask; outcome: Omit<TaskOutcome, 'task'> };

/**
 * Sorts tasks, in their order, into those that are at an end, those to derive, and those to measure, and prepares for the
 * latter two what their workers need. Never throws: what can't be prepared is a failure of its task.
 */
export async function* schedule(
  wave: Wave,
  tasks: MeasureTask[],
  policy: FailurePolicy,
): AsyncGenerator<Measurable | Derivable | Ended> {
  const supplies = await openSupplies(wave);
  const refusalOf = gates(wave, policy);
  for (const planned of tasks) {
    let task = planned;
    try {
      const { worker, deriving } = await supplies.workerOf(task.worker);
      const identified = await supplies.assets.identified(task);
      if (identified === null) {
        yield ended(task, false, messages.staleGraph(task.study));
        continue;
      }
      task = identified;
      const look = await lookAt(wave, task, deriving);
      const end = await endOf(wave, task, look);
      const refused = end ?? (look.state === 'measure' ? await refusalOf(task, worker) : null);
      if (refused !== null) {
        yield refused;
        continue;
      }
      const environment = await supplies.environmentOf(worker, task.variant);
      const known = { task, worker, environment, deriving };
      if (look.state === 'derive') yield { ...look, ...known };
      if (look.state === 'measure') yield { ...look, ...known, assets: await supplies.assets.of(task) };
    } catch (error) {
      if (await wave.stop.stopWithin()) yield ended(task, false, messages.stopped(wave.stop.cause()!), 'stopped');
      else yield await environmentFailure(wave, task, error);
    }
  }
}

/** The end of a task for which nothing is left to do; null when there is. */
async function endOf(wave: Wave, task: MeasureTask, look: Look): Promise<Ended | null> {
  if (look.state === 'ended') {
    const { outcome } = ended(task, look.success, look.text);
    return { state: 'ended', task, outcome: { ...outcome, final: !look.success } };
  }
  return look.state === 'too-large' ? endedBy(task, await recordTooLarge(wave, task, look)) : null;
}

/** Says why a measurement is not prepared: by the failures before it, by this machine, or by its input; else null. */
function gates(wave: Wave, policy: FailurePolicy): (task: MeasureTask, worker: Worker) => Promise<Ended | null> {
  const refused = platformGate(wave);
  const unreadable = inputGate(wave);
  return async (task, worker) => {
    const skip = policy.reasonToSkip(task);
    if (skip !== null) return ended(task, false, skip, 'skipped');
    const outcome = (await refused(task)) ?? (await unreadable(task, worker));
    return outcome && endedBy(task, outcome);
  };
}

/** Derives the diagnostics of a finished measurement. Never throws. */
export async function deriveNow(wave: Wave, ready: Derivable): Promise<TaskOutcome> {
  const { task, worker, environment, directory, deriving } = ready;
  const problem = await derive({ wave, task, worker, environment, directory, deriving: deriving! }).catch(reasonOf);
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
  return endedBy(task, await recordNotStarted(wave, task, outerFailure(type, reasonOf(error))));
}

const endedBy = (task: MeasureTask, { success, text }: Outcome): Ended => ({
  state: 'ended',
  task,
  outcome: { success, text },
});

function ended(task: MeasureTask, success: boolean, text: string, status?: 'stopped' | 'skipped'): Ended {
  return { state: 'ended', task, outcome: { success, text: `${headOf(task)}: ${text}`, ...(status && { status }) } };
}
