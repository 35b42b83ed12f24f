import { rm } from 'node:fs/promises';
import { putAsideAttempts } from '../../record/attempts.ts';
import { finishedDirectory } from '../../record/paths.ts';
import { readRecord } from '../../record/read.ts';
import type { MeasurementRecord } from '../../record/schema.ts';
import { isExpected } from '../../state/failures.ts';
import { prefixOf } from '../batch/prefix.ts';
import type { Outcome } from './finish.ts';
import type { Ended } from './run-worker.ts';
import { endedElsewhere } from './texts.ts';

type Gone = Pick<Ended, 'task' | 'started'> & {
  batch: Pick<Ended['batch'], 'workspaceRoot'>;
  runDirectory: Pick<Ended['runDirectory'], 'path'>;
};

/**
 * The outcome of a run whose directory is gone because another process has ended its record: the node of a job was taken for
 * lost, and its processes went on. null where nobody has. One run has one record, as a result or among the failed attempts.
 */
export async function knownEnd({ batch, task, started, runDirectory }: Gone): Promise<Outcome | null> {
  const { host, pid, boot } = started.supervisor;
  const isOwn = ({ supervisor, started_at }: MeasurementRecord) =>
    started_at === started.started_at && supervisor.host === host && supervisor.pid === pid && supervisor.boot === boot;
  const slot = { workspaceRoot: batch.workspaceRoot, ...task };
  const finished = finishedDirectory(slot, task.digest);
  const result = await readRecord(finished);
  const isResult = result !== null && isOwn(result);
  const own = isResult ? result : (await putAsideAttempts(slot)).find(({ record }) => isOwn(record))?.record;
  if (own === undefined) return null;
  // An empty one, made again in its place.
  await rm(runDirectory.path, { recursive: true, force: true });
  const { failure } = own;
  const text = `${prefixOf(task)}: ${endedElsewhere(failure?.message ?? own.outcome)}`;
  const success = isResult || (failure !== null && isExpected(failure, task.expect));
  return { success, failure, directory: isResult ? finished : null, text };
}
