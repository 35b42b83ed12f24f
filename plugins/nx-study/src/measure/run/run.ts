import { LockLost } from '../../machine/texts.ts';
import { messages } from '../../state/texts.ts';
import type { MeasureTask } from '../../graph/task.ts';
import { writeJournal } from '../../record/journal.ts';
import { keepFailed } from '../../record/attempts.ts';
import { DIGEST_DIGITS, finishedDirectory } from '../../record/paths.ts';
import { learnRestFor } from '../cooling/rest.ts';
import { untilNobodyMeasures } from './elsewhere.ts';
import { openFailFast } from './fail-fast.ts';
import { outerFailure } from '../../state/failures.ts';
import type { Outcome } from '../one/finish.ts';
import { holdDevice } from './held-device.ts';
import type { HeldDevice } from './held-device.ts';
import type { Job } from '../one/job.ts';
import { measureOne } from '../one/lifecycle.ts';
import { noTimeFor } from '../limits/budget.ts';
import { settleLeftovers } from '../one/leftovers.ts';
import { lookAt } from '../one/look.ts';
import { recordNotStarted } from '../one/not-started.ts';
import { failurePolicy } from './policy.ts';
import type { FailurePolicy } from './policy.ts';
import { withRetries } from './retry.ts';
import { deriveNow, recordTooLarge, schedule } from './schedule.ts';
import type { Measurable } from './schedule.ts';
import { openWave } from '../batch/wave.ts';
import type { Wave } from '../batch/wave.ts';
import { noteWave } from './wave-journal.ts';
import { reasonOf } from '../../base/reason.ts';
import { headOf } from '../batch/prefix.ts';
import type { TaskOutcome } from './outcome.ts';

/** What the executor of Nx adds to a run. */
interface Hooks {
  /** Called when it is known what there is to measure. */
  begin?: (nx: Wave['nx']) => void;
  /** Whether Nx prints an outcome's text; else that is done here. */
  isPrintedByNx?: (outcome: TaskOutcome) => boolean;
}

/**
 * Brings tasks to an end in their order: adopts what is measured, prepares environments, derives what only needs that,
 * and measures the rest under the device lock. Never throws. When stopped it tells the running task, and returns.
 */
export async function* runTasks(
  workspaceRoot: string,
  tasks: MeasureTask[],
  { begin = () => {}, isPrintedByNx = () => false }: Hooks = {},
): AsyncGenerator<TaskOutcome> {
  const wave = await openWave(workspaceRoot);
  const journal = await noteWave(wave, tasks);
  try {
    await learnRestFor(tasks, wave.supervisor.boot, wave.hasGpu, wave.stop.signal);
    for await (const outcome of runWave(wave, tasks, { begin, isPrintedByNx })) {
      await journal.noteOutcome(outcome);
      yield outcome;
    }
  } finally {
    await wave.whole.save();
    await journal.noteEnd();
    wave.stop.dispose();
  }
}

/** What the tasks of one call share. */
interface Run {
  wave: Wave;
  policy: FailurePolicy;
  /** Prints an outcome, unless Nx does, and returns it. */
  report(outcome: TaskOutcome): TaskOutcome;
}

async function* runWave(
  wave: Wave,
  tasks: MeasureTask[],
  { begin, isPrintedByNx }: Required<Hooks>,
): AsyncGenerator<TaskOutcome> {
  const failFast = openFailFast(wave.nx);
  const report = (outcome: TaskOutcome): TaskOutcome => {
    if (!outcome.success && !outcome.status && !outcome.final) failFast.noteFailure();
    if (!isPrintedByNx(outcome)) wave.print(outcome.text);
    return outcome;
  };
  const policy = failurePolicy(failFast);
  const waiting: Measurable[] = [];
  for await (const next of schedule(wave, tasks, policy)) {
    if (wave.stop.signal.aborted) return yield report(stopped(next.task, wave));
    if (next.state === 'ended') yield report({ task: next.task, ...next.outcome });
    else if (next.state === 'derive') yield report(await deriveNow(wave, next));
    else waiting.push(next);
  }
  if (waiting.length === 0) return;
  begin(wave.nx);
  yield* underDevice({ wave, policy, report }, waiting);
}

async function* underDevice(run: Run, waiting: Measurable[]): AsyncGenerator<TaskOutcome> {
  const { wave, report } = run;
  const tasks = waiting.map(({ task }) => task);
  let held: HeldDevice;
  try {
    held = await holdDevice(wave, tasks);
  } catch (error) {
    if (await wave.stop.stopWithin()) return yield report(stopped(tasks[0]!, wave));
    for (const task of tasks) yield report(await failedToStart(wave, task, error));
    return;
  }
  try {
    yield* measureAll(run, held, waiting);
  } finally {
    await held.free();
  }
}

async function* measureAll(run: Run, held: HeldDevice, waiting: Measurable[]): AsyncGenerator<TaskOutcome> {
  const { wave, policy, report } = run;
  const printSkip = skipPrinter(wave);
  for (const ready of waiting) {
    const { task } = ready;
    if (wave.stop.signal.aborted) return yield report(stopped(task, wave));
    const skip = policy.reasonToSkip(task) ?? (await noTimeFor(wave.workspaceRoot, task, wave.runStart));
    if (skip !== null) {
      await printSkip(task, skip);
      yield { task, success: false, status: 'skipped', text: `${headOf(task)}: ${skip}` };
      continue;
    }
    const outcome = await withRetries(wave, task, () => measureReady(wave, held, ready));
    if (!outcome.success && wave.stop.signal.aborted) return yield report({ task, ...outcome, status: 'stopped' });
    yield report({ task, ...outcome, text: await withReasonToStop(run, task, outcome) });
  }
}

/** Prints and journals why measurements of a study are skipped, each reason once. */
function skipPrinter(wave: Wave): (task: MeasureTask, reason: string) => Promise<void> {
  const printed = new Set<string>();
  return async ({ study, id }, reason) => {
    if (printed.has(`${study} ${reason}`)) return;
    printed.add(`${study} ${reason}`);
    wave.print(`${study}: ${reason}`);
    await writeJournal(wave.workspaceRoot, study, { id, event: 'stopped', detail: reason });
  };
}

/** The text of an outcome, with why its study stops now, where its failure was one too many. */
async function withReasonToStop({ wave, policy }: Run, task: MeasureTask, outcome: Result): Promise<string> {
  if (outcome.survivors) policy.block(outcome.survivors);
  const reason = outcome.status === undefined ? policy.note(task, outcome.failure) : null;
  if (reason === null) return outcome.text;
  await writeJournal(wave.workspaceRoot, task.study, { id: task.id, event: 'stopped', detail: reason });
  return `${outcome.text}\n${task.study}: ${reason}`;
}

type Result = Omit<Outcome, 'directory' | 'status'> & Pick<TaskOutcome, 'final' | 'status'>;

/**
 * Measures, and derives right after. Another run may have measured it while this one waited for the device. Never throws.
 * Where the lock is lost before the start, it waits for the lock again.
 */
async function measureReady(wave: Wave, held: HeldDevice, ready: Measurable): Promise<Result> {
  const { task, environment, deriving } = ready;
  try {
    const device = await held.keep(task);
    await untilNobodyMeasures(wave, task);
    const look = await lookAt(wave, task, deriving);
    if (look.state === 'ended')
      return { ...look, final: !look.success, failure: null, text: `${headOf(task)}: ${look.text}` };
    if (look.state === 'too-large') return await recordTooLarge(wave, task, look);
    if (look.state === 'derive') return { failure: null, ...(await deriveNow(wave, { ...ready, ...look })) };
    await device.label(task, environment.container?.engine);
    // Nothing is measured over: a damaged result is kept among the failed attempts.
    const slot = { workspaceRoot: wave.workspaceRoot, ...task };
    if (look.isDamaged) await keepFailed(slot, finishedDirectory(slot, task.digest));
    return await measureNow({ ...ready, wave, device });
  } catch (error) {
    if (error instanceof LockLost) return measureReady(wave, held, ready);
    // While it waited for the device.
    if (wave.stop.signal.aborted && error === wave.stop.signal.reason) return { ...stopped(task, wave), failure: null };
    return failedToStart(wave, task, error);
  }
}

/** Recovers what a killed run left of a measurement, else measures it; then derives. */
async function measureNow(job: Measurable & Job): Promise<Result> {
  const { wave, task, deriving } = job;
  const measured = (await settleLeftovers(wave, task)) ?? (await measureOne(job));
  if (measured.failure?.type === 'oom') wave.outOfMemory.changed(task.study);
  if (measured.directory === null) return measured;
  noteFinished(wave, task, measured.directory);
  if (deriving === null) return measured;
  const derived = await deriveNow(wave, { ...job, state: 'derive', directory: measured.directory });
  return derived.success ? measured : { ...measured, success: false, text: `${measured.text}\n${derived.text}` };
}

// Another study of this wave may contain the same measurement.
function noteFinished({ finished }: Wave, { digest }: MeasureTask, directory: string): void {
  const key = digest.slice(0, DIGEST_DIGITS);
  finished.set(key, [...(finished.get(key) ?? []), directory]);
}

async function failedToStart(wave: Wave, task: MeasureTask, error: unknown): Promise<Result & { task: MeasureTask }> {
  const failure = outerFailure('environment', reasonOf(error));
  return { task, ...(await recordNotStarted(wave, task, failure)) };
}

const stopped = (task: MeasureTask, { stop }: Wave): TaskOutcome => ({
  task,
  success: false,
  status: 'stopped',
  text: `${headOf(task)}: ${messages.stopped(stop.cause()!)}, before it started`,
});
