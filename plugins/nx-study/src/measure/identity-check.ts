import { openContents } from '../graph/content.ts';
import { digestOf, identify, workerContent } from '../graph/identity.ts';
import type { MeasureTask } from '../graph/task.ts';
import type { Identity } from '../record/schema.ts';
import type { Worker } from '../worker/manifest.ts';

/** The identity of a task as the files are at this moment: Nx keeps the one of when it scheduled. */
export async function currentIdentity(
  workspaceRoot: string,
  task: MeasureTask,
  worker: Worker,
): Promise<{ identity: Identity; digest: string; deriving: string | null }> {
  const contents = await openContents(workspaceRoot);
  const content = await workerContent(workspaceRoot, worker, contents);
  const identity = await identify(workspaceRoot, task, worker, content, contents);
  await contents.save();
  return { identity, digest: await digestOf(identity), deriving: content.deriving };
}
