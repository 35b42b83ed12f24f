import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MeasureTask } from '../../graph/task.ts';
import { putAsideAttempts, unfinishedAttempts } from '../../record/attempts.ts';
import { writeRecord } from '../../record/durable.ts';
import { writeJournal } from '../../record/journal.ts';
import type { Stored } from '../../record/read.ts';
import type { Failure } from '../../record/schema.ts';
import { explained, failureTypeOf } from '../../slurm/failure.ts';
import type { Ending } from '../../slurm/jobs.ts';
import { slurmTexts } from '../../slurm/texts.ts';
import { isExpected, outerFailure } from '../../state/failures.ts';
import { messages } from '../../state/texts.ts';
import type { Batch } from '../batch/batch.ts';
import { prefixOf } from '../batch/prefix.ts';
import { finish } from '../one/finish.ts';
import type { Outcome } from '../one/finish.ts';
import { nextStep } from '../one/next-step.ts';
import { recordNotStarted } from '../one/not-started.ts';
import { endedRecord } from '../one/recover.ts';
import { endOfLog, logOf, readJob, readOutcome, removeJob } from './job-file.ts';
import type { JobPlace, NodeOutcome } from './job-file.ts';
import { oneByOne } from './one-by-one.ts';
import { isOurs, isOwn } from './owner.ts';

/** A job that has left the queue. */
export interface EndedJob {
  batch: Batch;
  task: MeasureTask;
  /** Hash of the deriving code; null when the worker derives nothing. */
  deriving: string | null;
  place: JobPlace;
  job: string;
  ending: Ending;
  /** Whether it is the first measurement of the job, which has begun with it. */
  isFirst: boolean;
}

// Chosen: network file systems show a change to other machines within seconds, by default within a minute.
const LATE_MS = { COMPLETED: 60_000, other: 3000 };
const LOOK_MS = 250;

export type Settled = Omit<Outcome, 'directory'> & { final?: boolean };

/**
 * What became of a measurement whose job has ended, by the records on disk. Where the job left none, a failed attempt with
 * Slurm's words is recorded; what it left of a run directory is kept with that. Then the files of the measurement are removed.
 * Several runs may go on with the job of one that is gone: one after another, so that an attempt is recorded once.
 * null where the job ended before the turn of this one came, or was not asked for what is left, so that nothing became of it.
 */
export async function settle(ended: EndedJob): Promise<Settled | null> {
  const { place, job } = ended;
  await untilRecorded(ended);
  return oneByOne(place, async () => {
    const settled = await outcomeOf(ended);
    if (settled !== null) await removeJob(place, job, !settled.success);
    return settled;
  });
}

type Early = Pick<EndedJob, 'batch' | 'task' | 'deriving' | 'place' | 'job'>;

/**
 * What became of a measurement that is at its end before its job is; null where it is not, or Slurm has to say why it failed.
 * `node`: null where it is not known.
 */
export async function settleEarly(early: Early): Promise<{ settled: Settled; node: string | null } | null> {
  const { batch, task, deriving, place, job } = early;
  const said = await readOutcome(place, job);
  // Another run has removed the files of what is measured.
  const isOver = said?.success ?? !existsSync(place.file);
  if (task.expect === 'failed' || !isOver) return null;
  const step = await nextStep(batch, task, deriving);
  if (step.state !== 'ended' || !step.success) return null;
  // Else the run that submitted it removes the files, unless that has gone meanwhile.
  if (await isOurs(batch, await readJob(place.file))) await removeJob(place, job, false);
  const node = said?.node ?? null;
  const text = at({ job, ending: { node } }, said?.text ?? `${prefixOf(task)}: ${step.text}`);
  return { settled: { success: true, failure: null, text }, node };
}

/** Waits until what the job has recorded by itself can be seen; not for long, as there may be nothing. */
async function untilRecorded(ended: EndedJob): Promise<void> {
  const until = performance.now() + (ended.ending.state === 'COMPLETED' ? LATE_MS.COMPLETED : LATE_MS.other);
  while (!(await isRecorded(ended)) && performance.now() <= until) await sleep(LOOK_MS);
}

async function isRecorded(ended: EndedJob): Promise<boolean> {
  const said = await readOutcome(ended.place, ended.job);
  // A success without a result may only not be visible here yet.
  if (said !== null && !said.success) return true;
  return (await successOf(ended)) !== null || (await failedAttempts(ended)).length > 0;
}

async function outcomeOf(ended: EndedJob): Promise<Settled | null> {
  const { place, job, isFirst } = ended;
  const recorded = (await successOf(ended)) ?? (await failedIn(ended));
  if (recorded !== null) return recorded;
  const said = await readOutcome(place, job);
  const left = (said !== null && !said.success ? withoutAttempt(ended, said) : null) ?? (await deadRun(ended));
  return left ?? (isFirst ? withoutRecord(ended) : null);
}

/** The outcome of a measurement whose result is there; null where it is not. */
async function successOf(ended: EndedJob): Promise<Settled | null> {
  const step = await nextStep(ended.batch, ended.task, ended.deriving);
  if (step.state !== 'ended' || !step.success) return null;
  const said = await readOutcome(ended.place, ended.job);
  const text = said?.success ? at(ended, said.text) : `${prefixOf(ended.task)}: ${step.text}`;
  return { success: true, failure: null, text };
}

/** The outcome of a process that has recorded no attempt; null where it was stopped before. */
function withoutAttempt(ended: EndedJob, { status, final, text }: NodeOutcome): Settled | null {
  if (status === 'stopped') return null;
  return {
    success: false,
    failure: null,
    text: at(ended, text),
    ...(status && { status }),
    ...(final && { final }),
  };
}

/** The failed attempts that were made by this job, in their order. */
async function failedAttempts({ batch, task, job }: EndedJob): Promise<Stored[]> {
  const all = await putAsideAttempts({ workspaceRoot: batch.workspaceRoot, ...task });
  return all.filter(({ record }) => record.supervisor.job === job && record.failure !== null);
}

/** The last failed attempt of this job, with what Slurm knows of it; null where there is none. */
async function failedIn(ended: EndedJob): Promise<Settled | null> {
  const { task, job } = ended;
  const own = await failedAttempts(ended);
  const last = own.at(-1);
  if (last === undefined) return null;
  const isAlone = ended.isFirst && own.length === 1;
  const failure = await retyped(ended, last, explained(last.record.failure!, { ...ended, isAlone }));
  const said = await readOutcome(ended.place, job);
  const expected = isExpected(failure, task.expect);
  const unchanged = said !== null && failure === last.record.failure ? said.text : null;
  const text = unchanged ?? `${prefixOf(task)}: ${failure.type}: ${failure.message}`;
  return { success: expected, failure, text: at(ended, text) };
}

async function retyped(
  { batch, task }: EndedJob,
  { directory, record }: Stored,
  failure: Failure | null,
): Promise<Failure> {
  if (failure === null) return record.failure!;
  await writeRecord(directory, { ...record, failure });
  await writeJournal(batch.workspaceRoot, task.study, {
    id: task.id,
    event: failure.type === 'interrupted' ? 'interrupted' : 'failed',
    digest: task.digest,
    type: failure.type,
    phase: failure.phase,
    detail: failure.message,
    memory_limit_bytes: record.allowance.memory_bytes,
  });
  return failure;
}

/** Ends the record of a run directory in which nobody works any more; null where the job left none. */
async function deadRun(ended: EndedJob): Promise<Settled | null> {
  const { batch, task, job } = ended;
  const slot = { workspaceRoot: batch.workspaceRoot, ...task };
  const left = (await unfinishedAttempts(slot)).find(({ record }) => record.supervisor.job === job);
  if (left === undefined) return null;
  const record = left.record.outcome === 'running' ? await endedRecord(left.directory, left.record) : left.record;
  const isAlone = ended.isFirst && (await failedAttempts(ended)).length === 0;
  const failure = record.failure && (explained(record.failure, { ...ended, isAlone }) ?? record.failure);
  return finish(batch, task, left.directory, { ...record, failure });
}

/**
 * The job ended before the measurement began, or nothing that it wrote can be read. null for a job of an earlier run which may
 * have measured, but did not derive diagnostics anew: nobody has asked it to.
 */
async function withoutRecord({ batch, task, deriving, place, job, ending }: EndedJob): Promise<Settled | null> {
  const message = slurmTexts.withoutRecord(slurmTexts.ended(job, ending), logOf(place, job));
  const failure = { ...outerFailure(failureTypeOf(ending), message), log_tail: await endOfLog(place, job) };
  const known = await readJob(place.file);
  // Its result is there: no attempt at a measurement has failed.
  if ((await nextStep(batch, task, deriving)).state === 'derive') {
    if (known !== null && !isOwn(batch, known)) return null;
    return { success: false, failure: null, text: `${prefixOf(task)}: ${messages.deriveFailed(message)}` };
  }
  if (known?.job === job) return recordNotStarted(batch, task, failure);
  // Another run has recorded it, and removed the file.
  const text = `${prefixOf(task)}: ${failure.type}: ${message}`;
  return { success: isExpected(failure, task.expect), failure, text };
}

/** A text about a measurement, with the job in its first line. */
function at({ job, ending }: { job: string; ending: Pick<Ending, 'node'> }, text: string): string {
  const [first, ...others] = text.split('\n');
  return [`${first} [${slurmTexts.where(job, ending.node)}]`, ...others].join('\n');
}
