import type { Listening } from '../assets/hash.ts';
import { digestOf, identify, workerContent } from './identity.ts';
import { openSources } from './sources.ts';
import type { MeasureTask } from './task.ts';
import type { Identity } from '../record/schema.ts';
import { readWorker } from '../worker/read.ts';

export interface CurrentIdentity {
  identity: Identity;
  digest: string;
  /** Of code and data: path → when it was written and which file it is. */
  written: ReadonlyMap<string, string>;
}

/**
 * The identity of a task by the files as they are now; the task itself contains the digest of when Nx built its graph. A file
 * whose time stamp or link count changed is hashed again, which takes a while for large assets.
 * @throws WorkerError when the worker's contract can't be read any more; the signal's reason when `hashing.signal` aborts.
 */
export async function currentIdentity(
  workspaceRoot: string,
  task: MeasureTask,
  hashing: Listening = {},
): Promise<CurrentIdentity> {
  const sources = await openSources(workspaceRoot, hashing);
  const { contents } = sources;
  const worker = await readWorker(workspaceRoot, task.worker);
  const content = await workerContent(workspaceRoot, worker, contents);
  const identity = await identify(workspaceRoot, task, { worker, content }, sources);
  await contents.save();
  return { identity, digest: await digestOf(identity), written: contents.written };
}
