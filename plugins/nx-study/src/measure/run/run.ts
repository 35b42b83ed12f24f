import { LockLost } from '../../machine/texts.ts';
import type { MeasureTask } from '../../graph/task.ts';
import { keepFailed } from '../../record/attempts.ts';
import { DIGEST_DIGITS, finishedDirectory } from '../../record/paths.ts';
import { learnRestFor } from '../cooling/rest.ts';
import { failedToStart, skipPrinter, stopped, withReasonToStop } from './context.ts';
import type { Result, Run } from './context.ts';
import { untilNobodyMeasures } from './elsewhere.ts';
import { openFailFast } from './fail-fast.ts';
import { holdDevice } from './held-device.ts';
import type { HeldDevice } from './held-device.ts';
import type { Job } from '../one/job.ts';
import { measureOne } from '../one/lifecycle.ts';
import { noTimeFor } from '../limits/budget.ts';
import { recoverInterrupted } from '../one/recover.ts';
import { nextStep } from '../one/next-step.ts';
import { failurePolicy } from './policy.ts';
import { withRetries } from './retry.ts';
import { deriveNow, recordTooLarge, schedule } from './schedule.ts';
import type { Measurable, Remote } from './schedule.ts';
import { openBatch } from '../batch/batch.ts';
import type { Batch } from '../batch/batch.ts';
import { noteBatch } from './batch-journal.ts';
import { merged } from './merge.ts';
import { forgetJob, openLanes } from './remote.ts';
import { prefixOf } from '../batch/prefix.ts';
import type { TaskOutcome } from './outcome.ts';

/** What the executor of Nx adds to a run. */
interface Hooks {
  /** Called when it is known what there is to measure. */
  begin?: (nx: Batch['nx']) => void;
  /** Whether Nx prints an outcome's text; else that is done here. */
  isPrintedByNx?: (outcome: TaskOutcome) => boolean;
  /** The tasks are a part of another process's run, which notes in the journal where that stands. */
  isPart?: boolean;
}

/**
 * `tasks`: measurements of any studies, in the order in which they are measured. Yields each with what became of it, at
 * once; `hooks` are for the executor of Nx.
 *
 * Brings tasks to an end in their order: reuses results, prepares environments, derives what only needs that,
 * and measures the rest under the device lock. Never throws. When stopped it yields the outcome of the running task, and returns.
 */
export async function* runTasks(
  workspaceRoot: string,
  tasks: MeasureTask[],
  { begin = () => {}, isPrintedByNx = () => false, isPart = false }: Hooks = {},
): AsyncGenerator<TaskOutcome> {
  const batch = await openBatch(workspaceRoot);
  const journal = isPart ? null : await noteBatch(batch, tasks);
  const here = tasks.filter(({ execution }) => execution.runner === 'local');
  try {
    await learnRestFor(here, batch.supervisor.boot, batch.hasGpu, batch.stop.signal);
    for await (const outcome of runBatch(batch, tasks, { begin, isPrintedByNx })) {
      await journal?.noteOutcome(outcome);
      yield outcome;
    }
  } finally {
    await batch.whole.save();
    await journal?.noteEnd();
    batch.stop.dispose();
  }
}

async function* runBatch(
  batch: Batch,
  tasks: MeasureTask[],
  { begin, isPrintedByNx }: Required<Omit<Hooks, 'isPart'>>,
): AsyncGenerator<TaskOutcome> {
  const failFast = openFailFast(batch.nx);
  const report = (outcome: TaskOutcome): TaskOutcome => {
    if (!outcome.success && !outcome.status && !outcome.final) failFast.noteFailure();
    if (!isPrintedByNx(outcome)) batch.print(outcome.text);
    return outcome;
  };
  const policy = failurePolicy(failFast);
  const printSkip = skipPrinter(batch);
  const waiting: Measurable[] = [];
  const remote: Remote[] = [];
  for await (const next of schedule(batch, tasks, policy)) {
    if (batch.stop.signal.aborted) return yield report(stopped(next.task, batch));
    if (next.state === 'ended' && next.skip !== undefined) {
      await printSkip(next.task, next.skip);
      yield { task: next.task, ...next.outcome };
    } else if (next.state === 'ended') {
      if (next.outcome.success) await forgetJob(batch, next.task);
      yield report({ task: next.task, ...next.outcome });
    } else if (next.state === 'remote') remote.push(next);
    else if (next.state === 'derive') yield report(await deriveNow(batch, next));
    else waiting.push(next);
  }
  if (waiting.length === 0 && remote.length === 0) return;
  begin(batch.nx);
  const run = { batch, policy, report, printSkip };
  if (remote.length === 0) return yield* underDevice(run, waiting);
  const { lanes, leave } = openLanes(run, remote);
  yield* merged(waiting.length === 0 ? lanes : [...lanes, underDevice(run, waiting)], leave);
}

async function* underDevice(run: Run, waiting: Measurable[]): AsyncGenerator<TaskOutcome> {
  const { batch, report } = run;
  const tasks = waiting.map(({ task }) => task);
  let held: HeldDevice;
  try {
    held = await holdDevice(batch, tasks);
  } catch (error) {
    if (await batch.stop.stopWithin()) return yield report(stopped(tasks[0]!, batch));
    for (const task of tasks) yield report(await failedToStart(batch, task, error));
    return;
  }
  try {
    yield* measureAll(run, held, waiting);
  } finally {
    await held.free();
  }
}

async function* measureAll(run: Run, held: HeldDevice, waiting: Measurable[]): AsyncGenerator<TaskOutcome> {
  const { batch, policy, report, printSkip } = run;
  for (const ready of waiting) {
    const { task } = ready;
    if (batch.stop.signal.aborted) return yield report(stopped(task, batch));
    const skip = policy.reasonToSkip(task) ?? (await noTimeFor(batch, task));
    if (skip !== null) {
      await printSkip(task, skip);
      yield { task, success: false, status: 'skipped', text: `${prefixOf(task)}: ${skip}` };
      continue;
    }
    const outcome = await withRetries(batch, task, () => measureReady(batch, held, ready));
    if (!outcome.success && batch.stop.signal.aborted) return yield report({ task, ...outcome, status: 'stopped' });
    yield report({ task, ...outcome, text: await withReasonToStop(run, task, outcome) });
  }
}

/**
 * Measures, and derives right after. Another run may have measured it while this one waited for the device. Never throws.
 * Where the lock is lost before the start, it waits for the lock again.
 */
async function measureReady(batch: Batch, held: HeldDevice, ready: Measurable): Promise<Result> {
  const { task, environment, deriving } = ready;
  try {
    const device = await held.keep(task);
    await untilNobodyMeasures(batch, task);
    const step = await nextStep(batch, task, deriving);
    if (step.state === 'ended')
      return { ...step, final: !step.success, failure: null, text: `${prefixOf(task)}: ${step.text}` };
    if (step.state === 'too-large') return await recordTooLarge(batch, task, step);
    if (step.state === 'derive') return { failure: null, ...(await deriveNow(batch, { ...ready, ...step })) };
    await device.label(task, environment.container?.engine);
    // Nothing is measured over: a damaged result is kept among the failed attempts.
    const slot = { workspaceRoot: batch.workspaceRoot, ...task };
    if (step.isDamaged) await keepFailed(slot, finishedDirectory(slot, task.digest));
    return await measureNow({ ...ready, batch, device });
  } catch (error) {
    if (error instanceof LockLost) return measureReady(batch, held, ready);
    // While it waited for the device.
    if (batch.stop.signal.aborted && error === batch.stop.signal.reason)
      return { ...stopped(task, batch), failure: null };
    return failedToStart(batch, task, error);
  }
}

/** Recovers what a killed run left of a measurement, else measures it; then derives. */
async function measureNow(job: Measurable & Job): Promise<Result> {
  const { batch, task, deriving } = job;
  const measured = (await recoverInterrupted(batch, task)) ?? (await measureOne(job));
  if (measured.failure?.type === 'oom') batch.outOfMemory.changed(task.study);
  if (measured.directory === null) return measured;
  noteFinished(batch, task, measured.directory);
  if (deriving === null) return measured;
  const derived = await deriveNow(batch, { ...job, state: 'derive', directory: measured.directory });
  return derived.success ? measured : { ...measured, success: false, text: `${measured.text}\n${derived.text}` };
}

// Another study of this batch may contain the same measurement.
function noteFinished({ finished }: Batch, { digest }: MeasureTask, directory: string): void {
  const key = digest.slice(0, DIGEST_DIGITS);
  finished.set(key, [...(finished.get(key) ?? []), directory]);
}
