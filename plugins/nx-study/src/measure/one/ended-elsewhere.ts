import { rm } from 'node:fs/promises';
import { putAsideAttempts } from '../../record/attempts.ts';
import { prefixOf } from '../batch/prefix.ts';
import type { Outcome } from './finish.ts';
import type { Ended } from './run-worker.ts';
import { endedElsewhere } from './texts.ts';

/**
 * The outcome of a run whose directory is gone because another process has ended its record: the node of a job was taken for
 * lost, and its processes went on. null where nobody has. One run has one record.
 */
export async function knownEnd({ batch, task, started, runDirectory }: Ended): Promise<Outcome | null> {
  const { host, pid, boot } = started.supervisor;
  const attempts = await putAsideAttempts({ workspaceRoot: batch.workspaceRoot, ...task });
  const own = attempts.find(
    ({ record: { supervisor, started_at } }) =>
      started_at === started.started_at &&
      supervisor.host === host &&
      supervisor.pid === pid &&
      supervisor.boot === boot,
  );
  if (own === undefined) return null;
  // An empty one, made again in its place.
  await rm(runDirectory.path, { recursive: true, force: true });
  const { failure } = own.record;
  const text = `${prefixOf(task)}: ${endedElsewhere(failure?.message ?? own.record.outcome)}`;
  return { success: false, failure, directory: null, text };
}
