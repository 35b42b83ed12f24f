import { digestOf, identify, workerContent } from '../graph/identity.ts';
import { openSources } from '../graph/sources.ts';
import type { MeasureTask } from '../graph/task.ts';
import type { Identity } from '../record/schema.ts';
import { readWorker } from '../worker/read.ts';

/** The identity of a task as the files are at this moment: Nx keeps the one of when it scheduled. */
export async function currentIdentity(
  workspaceRoot: string,
  task: MeasureTask,
): Promise<{ identity: Identity; digest: string }> {
  const sources = await openSources(workspaceRoot);
  const { contents } = sources;
  const worker = await readWorker(workspaceRoot, task.worker);
  const content = await workerContent(workspaceRoot, worker, contents);
  const identity = await identify(workspaceRoot, task, worker, content, sources);
  await contents.save();
  return { identity, digest: await digestOf(identity) };
}
