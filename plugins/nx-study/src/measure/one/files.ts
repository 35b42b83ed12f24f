import { relative } from 'node:path';
import { errorCode } from '../../base/errno.ts';
import { reasonOf } from '../../base/reason.ts';
import { currentIdentity } from '../../graph/current.ts';
import type { CurrentIdentity } from '../../graph/current.ts';
import { differences } from '../../graph/differences.ts';
import type { Failure, Finding } from '../../record/schema.ts';
import { outerFailure } from '../../state/failures.ts';
import { messages, rewritten } from '../../state/texts.ts';
import { assetChanges, hashingIn } from './assets.ts';
import type { AssetChanges } from './assets.ts';
import type { Job } from './job.ts';
import { workersFolder } from '../../workspace/places.ts';

type Files = Pick<Job, 'batch' | 'task' | 'assets'>;

/** Code, data and assets as they are now, by contents; null when a stop came before that was known. */
export async function filesNow({
  batch,
  task,
  assets,
}: Files): Promise<{ current: CurrentIdentity; changes: AssetChanges } | null> {
  const hashing = hashingIn(batch, task);
  try {
    const changes = await assetChanges(assets, hashing);
    return { changes, current: await currentIdentity(batch.workspaceRoot, task, hashing) };
  } catch (error) {
    if (batch.stop.signal.aborted) return null;
    throw error;
  }
}

/** Whether code, data and assets are those of before the start: a failure when they changed, a finding when they were only rewritten. */
export async function changesSince(
  before: CurrentIdentity,
  job: Files,
): Promise<{ failure: Failure | null; findings: Finding[] }> {
  const { batch, task, assets } = job;
  const found = await filesNow(job).catch((error: unknown) => ({ error }));
  if (found === null) return failed('interrupted', messages.stoppedHashing(batch.stop.cause()!, [...assets.keys()]));
  if ('error' in found) {
    // Files that are there, and can't be read, for too many are open for example, have not changed.
    const isGone = ['ENOENT', 'ENOTDIR', undefined].includes(errorCode(found.error));
    return isGone
      ? changed([`${workersFolder(batch.workspaceRoot)}/${task.worker}/worker.json`])
      : failed('environment', reasonOf(found.error));
  }
  const { current, changes } = found;
  const models = changes.changed.map((path) => `contents of ${path}`);
  if (current.digest !== task.digest || models.length > 0)
    return changed([...models, ...differences(before.identity, current.identity, task.configuration)]);
  const files = [...current.written].filter(([path, written]) => before.written.get(path) !== written);
  const written = [...changes.rewritten, ...files.map(([path]) => relative(batch.workspaceRoot, path))];
  return { failure: null, findings: written.length > 0 ? [rewritten(written)] : [] };
}

const failed = (type: Failure['type'], message: string) => ({ failure: outerFailure(type, message), findings: [] });

const changed = (parts: string[]) => failed('changed-during-run', messages.changedDuringRun([...new Set(parts)]));
