import { join, relative } from 'node:path';
import type { MeasureTask } from '../graph/task.ts';
import { keepFailed } from '../record/attempts.ts';
import { renameDurably, writeDurably } from '../record/durable.ts';
import { writeJournal } from '../record/journal.ts';
import { finishedDirectory } from '../record/paths.ts';
import type { Failure, MeasurementRecord } from '../record/schema.ts';
import { isFinished } from './failures.ts';
import { duration, headOf } from './progress.ts';

/** What became of one task. */
export interface Outcome {
  success: boolean;
  /** For a person; a line, or a few. */
  text: string;
  failure: Failure | null;
  /** The finished measurement's folder; null when there is none. */
  directory: string | null;
}

/** Writes the final record of an ended run directory, and moves it to where it belongs. */
export async function finish(
  { workspaceRoot }: { workspaceRoot: string },
  task: MeasureTask,
  directory: string,
  record: MeasurementRecord,
): Promise<Outcome> {
  await writeRecord(directory, record);
  return isFinished(record, task.expect)
    ? keepFinished(workspaceRoot, task, directory, record)
    : keepUnfinished(workspaceRoot, task, directory, record);
}

export const writeRecord = (directory: string, record: MeasurementRecord): Promise<void> =>
  writeDurably(join(directory, 'record.json'), `${JSON.stringify(record, null, 2)}\n`);

async function keepFinished(
  workspaceRoot: string,
  task: MeasureTask,
  directory: string,
  record: MeasurementRecord,
): Promise<Outcome> {
  const slot = { workspaceRoot, ...task };
  const target = finishedDirectory(slot, task.digest);
  await renameDurably(directory, target).catch(async () => {
    // What lies there was not adopted: it is damaged, or counts no more. Nothing is overwritten.
    await keepFailed(slot, target);
    await renameDurably(directory, target);
  });
  const { failure, findings, elapsed_s } = record;
  await writeJournal(workspaceRoot, task.study, {
    id: task.id,
    event: failure ? 'failed' : 'measured',
    digest: task.digest,
  });
  const what = failure
    ? `failed, as expected: ${failure.message}`
    : `measured${elapsed_s === null ? '' : ` in ${duration(elapsed_s)}`}`;
  const flags = findings.map(({ code }) => code);
  const unexpected = task.expect === 'failed' && !failure ? ', although it was expected to fail' : '';
  const text = `${headOf(task)}: ${what}${unexpected}${flags.length > 0 ? ` (${[...new Set(flags)].join(', ')})` : ''}`;
  return { success: true, failure, directory: target, text };
}

async function keepUnfinished(
  workspaceRoot: string,
  task: MeasureTask,
  directory: string,
  record: MeasurementRecord,
): Promise<Outcome> {
  const failure = record.failure!;
  const kept = await keepFailed({ workspaceRoot, ...task }, directory);
  const event = failure.type === 'interrupted' ? 'interrupted' : 'failed';
  const detail = `${failure.type}: ${failure.message}`;
  await writeJournal(workspaceRoot, task.study, { id: task.id, event, digest: task.digest, detail });
  const lastLines = failure.log_tail.trimEnd().split('\n').slice(-5).filter(Boolean);
  const text = [
    `${headOf(task)}: ${event} (${event === failure.type ? failure.message : detail})`,
    ...lastLines.map((line) => `    ${line}`),
    `    kept in ${relative(workspaceRoot, kept)}`,
  ].join('\n');
  return { success: false, failure, directory: null, text };
}
