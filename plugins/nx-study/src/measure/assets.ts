import { withDigests } from '../acceptance/origins.ts';
import { isUnchanged, readyAsset } from '../assets/ready.ts';
import type { ReadyAsset } from '../assets/ready.ts';
import { sha256 } from '../canonical.ts';
import { valueAt } from '../graph/paths.ts';
import type { MeasureTask } from '../graph/task.ts';
import { currentIdentity } from './identity-check.ts';
import type { Wave } from './wave.ts';

/** The assets of a task by their dotted paths in its configuration. */
export type TaskAssets = ReadonlyMap<string, ReadyAsset>;

/** Makes assets ready for the tasks of a wave, each once. */
export interface AssetStore {
  /** The task with the digest of its contents; null when it isn't the one that the graph saw. */
  identified(task: MeasureTask): Promise<MeasureTask | null>;
  /** Brings all that a task names onto this machine. */
  of(task: MeasureTask): Promise<TaskAssets>;
}

export function assetStore({ workspaceRoot, stop, print }: Wave): AssetStore {
  const known = new Map<string, Promise<ReadyAsset>>();
  const ready = (value: string): Promise<ReadyAsset> => {
    let pending = known.get(value);
    const listening = { onProgress: print, signal: stop.signal };
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
      // All else must be as it was; only then may hashes take the place of paths.
      if ((await currentIdentity(workspaceRoot, task)).digest !== task.digest) return null;
      await named(task, task.unhashed);
      return withHashes(workspaceRoot, task);
    },
    of: (task) => named(task, task.assets),
  };
}

/** A task whose digest has the contents of its assets in place of their paths, as far as somebody has hashed them. */
export async function withHashes(workspaceRoot: string, task: MeasureTask): Promise<MeasureTask> {
  if (task.unhashed.length === 0) return task;
  const hashed = { ...task, unhashed: [] };
  const { identity, digest } = await currentIdentity(workspaceRoot, hashed);
  return { ...hashed, digest, accepted: withDigests(task.accepted, identity, await sha256()) };
}

/** The dotted paths of assets that changed since they were made ready; they are not read again. */
export async function changedAssets(assets: TaskAssets): Promise<string[]> {
  const changed: string[] = [];
  for (const [path, asset] of assets) if (!(await isUnchanged(asset))) changed.push(path);
  return changed;
}
