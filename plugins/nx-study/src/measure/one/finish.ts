import { relative } from 'node:path';
import { duration } from '../../base/duration.ts';
import { messages } from '../../state/texts.ts';
import type { MeasureTask } from '../../graph/task.ts';
import { errorCode } from '../../base/errno.ts';
import { keepFailed } from '../../record/attempts.ts';
import { overwriteRecord, renameDurably, writeRecord } from '../../record/durable.ts';
import { writeJournal } from '../../record/journal.ts';
import { finishedDirectory } from '../../record/paths.ts';
import type { Failure, MeasurementRecord } from '../../record/schema.ts';
import { isExpected } from '../../state/failures.ts';
import { reasonOf } from '../../base/reason.ts';
import { prefixOf } from '../batch/prefix.ts';

/** What became of one task. */
export interface Outcome {
  success: boolean;
  /** For a person; a line, or a few. */
  text: string;
  failure: Failure | null;
  /** The finished measurement's folder; null when there is none. */
  directory: string | null;
  /** As Nx calls it: the study's time was over before it began, so nothing failed. */
  status?: 'skipped';
  /** Processes of the worker that could not be ended: nothing may be measured beside them. */
  survivors?: number[];
}

/** Writes the final record of an ended run directory, and moves it to where it belongs. */
export async function finish(
  { workspaceRoot }: { workspaceRoot: string },
  task: MeasureTask,
  directory: string,
  record: MeasurementRecord,
): Promise<Outcome> {
  const written = await writeRecord(directory, record).then(
    () => record,
    (error: unknown) => writtenOnFullDisk(directory, record, error),
  );
  return isFailed(written)
    ? keepFailure(workspaceRoot, task, directory, written)
    : keepMeasured(workspaceRoot, task, directory, written);
}

type Failed = MeasurementRecord & { failure: Failure };

const isFailed = (record: MeasurementRecord): record is Failed => record.failure !== null;

/** A failure is recorded all the same, and what the disk said with it; a result waits for the next run. */
async function writtenOnFullDisk(
  directory: string,
  record: MeasurementRecord,
  error: unknown,
): Promise<MeasurementRecord> {
  const isFull = ['ENOSPC', 'EDQUOT'].includes(errorCode(error) ?? '');
  if (!isFull || record.failure === null) throw error;
  const message = `${record.failure.message} (${reasonOf(error)})`;
  const extended = { ...record, failure: { ...record.failure, message } };
  if (!(await overwriteRecord(directory, extended).catch(() => false))) throw error;
  return extended;
}

async function keepMeasured(
  workspaceRoot: string,
  task: MeasureTask,
  directory: string,
  record: MeasurementRecord,
): Promise<Outcome> {
  const slot = { workspaceRoot, ...task };
  const target = finishedDirectory(slot, task.digest);
  await renameDurably(directory, target).catch(async (error: NodeJS.ErrnoException) => {
    if (!['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(error.code ?? '')) throw error;
    // What lies there was not reused: it is damaged, or counts no more. Nothing is overwritten.
    await keepFailed(slot, target);
    await renameDurably(directory, target);
  });
  const { findings, elapsed_s } = record;
  await writeJournal(workspaceRoot, task.study, { id: task.id, event: 'measured', digest: task.digest, elapsed_s });
  const time = elapsed_s === null ? '' : ` in ${duration(elapsed_s)}`;
  const unexpected = task.expect === 'failed' ? ', although it was expected to fail' : '';
  const flags = [...new Set(findings.map(({ code }) => code))];
  const text = `${prefixOf(task)}: measured${time}${unexpected}${flags.length > 0 ? ` (${flags.join(', ')})` : ''}`;
  return { success: true, failure: null, directory: target, text };
}

async function keepFailure(
  workspaceRoot: string,
  task: MeasureTask,
  directory: string,
  { failure, allowance }: Failed,
): Promise<Outcome> {
  const kept = await keepFailed({ workspaceRoot, ...task }, directory);
  const { type, phase, message } = failure;
  const event = type === 'interrupted' || type === 'too-large' ? type : 'failed';
  await writeJournal(workspaceRoot, task.study, {
    id: task.id,
    event,
    digest: task.digest,
    type,
    phase,
    detail: message,
    memory_limit_bytes: allowance.memory_bytes,
  });
  if (isExpected(failure, task.expect)) {
    const text = `${prefixOf(task)}: ${messages.expectedFailure(failure)}`;
    return { success: true, failure, directory: null, text };
  }
  const lastLines = failure.log_tail.trimEnd().split('\n').slice(-5).filter(Boolean);
  const text = [
    `${prefixOf(task)}: ${event} (${event === type ? message : `${type}: ${message}`})`,
    ...lastLines.map((line) => `    ${line}`),
    `    kept in ${relative(workspaceRoot, kept)}`,
  ].join('\n');
  return { success: false, failure, directory: null, text };
}
