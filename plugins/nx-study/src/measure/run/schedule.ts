import { EnvironmentError } from '../../environment/texts.ts';
import { messages } from '../../state/texts.ts';
import type { MeasureTask } from '../../graph/task.ts';
import type { Worker } from '../../worker/manifest.ts';
import type { Size } from '../../worker/size.ts';
import { rememberLoad } from '../cooling/last-load.ts';
import { inputGate } from './check.ts';
import { derive } from '../one/derive.ts';
import { outerFailure } from '../../state/failures.ts';
import type { Outcome } from '../one/finish.ts';
import type { Ready } from '../one/job.ts';
import { nextStep } from '../one/next-step.ts';
import type { Step } from '../one/next-step.ts';
import { recordNotStarted } from '../one/not-started.ts';
import { platformGate } from '../one/platform.ts';
import type { TooLarge } from '../../state/out-of-memory.ts';
import type { FailurePolicy } from './policy.ts';
import type { Batch } from '../batch/batch.ts';
import { leftOut, runChoices } from '../../plan/run-choices.ts';
import { slurmFor } from '../../plan/slurm.ts';
import { reasonOf } from '../../base/reason.ts';
import { prefixOf } from '../batch/prefix.ts';
import type { TaskOutcome } from './outcome.ts';
import { openSupplies } from './supplies.ts';
import type { Supplies } from './supplies.ts';

/** Needs no device: only its diagnostics are to be derived. */
type Derivable = Omit<Ready, 'assets'> & { state: 'derive'; directory: string; deriving: string | null };

/** `deriving`: hash of the deriving code; null when the worker derives nothing. `isDamaged`: its result on disk doesn't count any more. */
export type Measurable = Ready & { state: 'measure'; deriving: string | null; isDamaged?: boolean };

/** A job of Slurm is to measure it, or to derive its diagnostics, and prepares what it needs. */
export type Remote = Pick<Measurable, 'task' | 'deriving'> & { state: 'remote' };

/** `skip`: why it is not run, where that is no matter of its own. */
type Ended = { state: 'ended'; task: MeasureTask; outcome: Omit<TaskOutcome, 'task'>; skip?: string };

/**
 * Sorts tasks, in their order, into those that are at an end, those to derive, and those to measure, and prepares for the
 * latter two what their workers need. Never throws: what can't be prepared is a failure of its task.
 */
export async function* schedule(
  batch: Batch,
  tasks: MeasureTask[],
  policy: FailurePolicy,
): AsyncGenerator<Measurable | Remote | Derivable | Ended> {
  const supplies = await openSupplies(batch);
  const gate = gates(batch, policy);
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
      const step = await nextStep(batch, task, deriving);
      const end = await endOf(batch, task, step);
      const passed = end === null && step.state === 'measure' ? await gate(task, worker) : { refused: end, size: null };
      if (passed.refused !== null) {
        yield passed.refused;
        continue;
      }
      // Machines from which jobs are submitted often forbid heavy work, and diagnostics may be that, too.
      if (end === null && isRemote(task)) {
        await prepareHere(supplies, worker, task);
        yield { state: 'remote', task, deriving };
        continue;
      }
      const environment = await supplies.environmentOf(worker, task);
      const known = { task, worker, environment, deriving, size: passed.size };
      if (step.state === 'derive') yield { ...step, ...known };
      if (step.state === 'measure') yield { ...step, ...known, assets: await supplies.assets.of(task) };
    } catch (error) {
      if (await batch.stop.stopWithin()) yield ended(task, false, messages.stopped(batch.stop.cause()!), 'stopped');
      else yield await environmentFailure(batch, task, error);
    }
  }
}

const isRemote = ({ execution }: MeasureTask): boolean => execution.runner === 'slurm';

/** What nodes without a network can't get, where the study says so: they find it in the cache that they share with this machine. */
async function prepareHere(supplies: Supplies, worker: Worker, task: MeasureTask): Promise<void> {
  if (slurmFor(task.execution.slurm, task.worker).prepare === 'node') return;
  await supplies.environmentOf(worker, task);
  await supplies.assets.of(task);
}

/** The end of a task for which nothing is left to do; null when there is. */
async function endOf(batch: Batch, task: MeasureTask, step: Step): Promise<Ended | null> {
  if (step.state === 'ended') {
    const { outcome } = ended(task, step.success, step.text);
    return { state: 'ended', task, outcome: { ...outcome, final: !step.success } };
  }
  return step.state === 'too-large' ? endedBy(task, await recordTooLarge(batch, task, step)) : null;
}

/** Why a measurement is not prepared; null where it is. `size`: what its check says of its model. */
type Passed = { refused: Ended | null; size: Size | null };

/** Refuses by the failures before a measurement, by this machine, or by its input. */
function gates(batch: Batch, policy: FailurePolicy): (task: MeasureTask, worker: Worker) => Promise<Passed> {
  const refused = platformGate(batch);
  const unreadable = inputGate(batch);
  const choices = runChoices();
  return async (task, worker) => {
    const skip = leftOut(choices, task) ?? policy.reasonToSkip(task);
    if (skip !== null) return { refused: { ...ended(task, false, skip, 'skipped'), skip }, size: null };
    // What this machine is says nothing of the one that measures.
    const unfit = isRemote(task) ? null : await refused(task);
    const { outcome, size } = unfit === null ? await unreadable(task, worker) : { outcome: unfit, size: null };
    return { refused: outcome && endedBy(task, outcome), size };
  };
}

/** Derives the diagnostics of a finished measurement. Never throws. */
export async function deriveNow(batch: Batch, ready: Derivable): Promise<TaskOutcome> {
  const { task, worker, environment, directory, deriving } = ready;
  const problem = await derive({ batch, task, worker, environment, directory, deriving: deriving! }).catch(reasonOf);
  await rememberLoad(batch.supervisor.boot);
  if (batch.stop.signal.aborted) {
    const text = `${prefixOf(task)}: ${messages.stopped(batch.stop.cause()!)}`;
    return { task, success: false, status: 'stopped', text };
  }
  const text = problem === null ? messages.derived : messages.deriveFailed(problem);
  return { task, success: problem === null, text: `${prefixOf(task)}: ${text}` };
}

/** Records that a measurement is not started, as it is larger than one that ran out of memory. */
export const recordTooLarge = (batch: Batch, task: MeasureTask, { reason, larger_than }: TooLarge): Promise<Outcome> =>
  recordNotStarted(batch, task, outerFailure('too-large', reason), { larger_than });

async function environmentFailure(batch: Batch, task: MeasureTask, error: unknown): Promise<Ended> {
  const type = error instanceof EnvironmentError ? error.type : 'environment';
  return endedBy(task, await recordNotStarted(batch, task, outerFailure(type, reasonOf(error))));
}

const endedBy = (task: MeasureTask, { success, text }: Outcome): Ended => ({
  state: 'ended',
  task,
  outcome: { success, text },
});

function ended(task: MeasureTask, success: boolean, text: string, status?: 'stopped' | 'skipped'): Ended {
  return { state: 'ended', task, outcome: { success, text: `${prefixOf(task)}: ${text}`, ...(status && { status }) } };
}
