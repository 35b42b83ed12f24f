import { withDigests } from '../../amendments/origins.ts';
import type { Listening } from '../../assets/hash.ts';
import { isRewritten } from '../../assets/stamp.ts';
import { isUnchanged, readyAsset } from '../../assets/ready.ts';
import type { ReadyAsset } from '../../assets/ready.ts';
import { sha256 } from '../../base/canonical.ts';
import { isJsonObject } from '../../base/json.ts';
import { valueAt, withValueAt } from '../../base/path.ts';
import { digestOf } from '../../graph/identity.ts';
import type { Identity } from '../../record/schema.ts';
import type { MeasureTask } from '../../graph/task.ts';
import { currentIdentity } from '../../graph/current.ts';
import type { Batch } from '../batch/batch.ts';
import { prefixOf } from '../batch/prefix.ts';

/** The assets of a task by their dotted paths in its configuration. */
export type TaskAssets = ReadonlyMap<string, ReadyAsset>;

/** Makes assets ready for the tasks of a batch, each once. */
export interface AssetStore {
  /** The task with the digest of its contents; null when it isn't the one that the graph saw. */
  identified(task: MeasureTask): Promise<MeasureTask | null>;
  /** Brings all that a task names onto this machine. */
  of(task: MeasureTask): Promise<TaskAssets>;
}

export function assetStore({ workspaceRoot, stop, print }: Batch): AssetStore {
  const known = new Map<string, Promise<ReadyAsset>>();
  const listening = { onProgress: print, signal: stop.signal };
  const ready = (value: string): Promise<ReadyAsset> => {
    let pending = known.get(value);
    if (!pending) known.set(value, (pending = readyAsset(workspaceRoot, value, listening)));
    return pending;
  };
  const named = async (task: MeasureTask, paths: string[]) => {
    const assets = new Map<string, ReadyAsset>();
    for (const path of paths) assets.set(path, await ready(valueAt(task.configuration, path) as string));
    return assets;
  };
  return {
    async identified(task) {
      if (task.unhashed.length === 0) return task;
      await named(task, task.unhashed);
      const { hashed, isAsScheduled } = await withHashes(workspaceRoot, task, listening);
      return isAsScheduled ? hashed : null;
    },
    of: (task) => named(task, task.assets),
  };
}

export interface HashedTask {
  /** The task with a digest that has the contents of its assets in place of their paths, as all is now. */
  hashed: MeasureTask;
  /** Whether it has the digest that the graph saw, with the paths in place of the contents. */
  isAsScheduled: boolean;
}

/** Puts the contents of its assets into a task's digest; what nobody has hashed yet is hashed. One identity serves both. */
export async function withHashes(
  workspaceRoot: string,
  task: MeasureTask,
  hashing: Listening = {},
): Promise<HashedTask> {
  if (task.unhashed.length === 0) return { hashed: task, isAsScheduled: true };
  const unhashed = { ...task, unhashed: [] };
  const { identity, digest } = await currentIdentity(workspaceRoot, unhashed, hashing);
  const hashed = { ...unhashed, digest, accepted: withDigests(task.accepted, identity, await sha256()) };
  return { hashed, isAsScheduled: (await digestOf(withPaths(identity, task))) === task.digest };
}

/** An identity with the paths of assets in place of their contents, for those that were not hashed in the graph. */
function withPaths(identity: Identity, task: MeasureTask): Identity {
  let { configuration } = identity;
  for (const path of task.unhashed) {
    const found = valueAt(configuration, path);
    // An asset that does not exist has no path in the graph either.
    if (isJsonObject(found) && found['sha256'] !== null)
      configuration = withValueAt(configuration, path, { unhashed: valueAt(task.configuration, path) as string });
  }
  return { ...identity, configuration };
}

/** Prints the progress of hashing for a task; a stop ends it. */
export const hashingIn = ({ stop, print }: Batch, task: MeasureTask): Listening => ({
  signal: stop.signal,
  onProgress: (line) => print(`${prefixOf(task)}: ${line}`),
});

export interface AssetChanges {
  /** Dotted paths of assets with other contents than when they were made ready. */
  changed: string[];
  /** Of those that were written or replaced since the last check, and have the same contents. */
  rewritten: string[];
}

/**
 * Compares assets with what they were at the last check.
 * @throws the signal's reason
 */
export async function assetChanges(assets: TaskAssets, listening: Listening): Promise<AssetChanges> {
  const changes: AssetChanges = { changed: [], rewritten: [] };
  for (const [path, asset] of assets) {
    const before = asset.stamp;
    if (!(await isUnchanged(asset, listening))) changes.changed.push(path);
    else if (isRewritten(before, asset.stamp)) changes.rewritten.push(path);
  }
  return changes;
}
