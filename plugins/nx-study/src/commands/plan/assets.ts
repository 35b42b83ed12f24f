import { isAbsolute } from 'node:path';
import { isHere } from '../../assets/fetch.ts';
import type { AssetManifest } from '../../assets/manifest.ts';
import { stampOf } from '../../assets/stamp.ts';
import { valueAt } from '../../base/path.ts';
import type { MeasureTask } from '../../graph/task.ts';

/** What has to be done for an asset before anything that uses it is measured. */
export interface PendingAsset {
  /** A name, or an absolute path. */
  asset: string;
  bytes: number;
  state: 'fetch' | 'hash';
}

/** The assets of tasks that are not on this machine yet, or whose contents nobody has hashed. */
export async function pendingAssets({ assets }: AssetManifest, tasks: MeasureTask[]): Promise<PendingAsset[]> {
  const valuesAt = (paths: string[], { configuration }: MeasureTask) =>
    paths.map((path) => valueAt(configuration, path) as string);
  const named = new Set(tasks.flatMap((task) => valuesAt(task.assets, task)).filter((value) => !isAbsolute(value)));
  const unhashed = new Set(tasks.flatMap((task) => valuesAt(task.unhashed, task)));
  const pending: PendingAsset[] = [];
  for (const name of named) {
    const asset = assets.get(name);
    if (asset && !(await isHere(asset))) pending.push({ asset: name, bytes: asset.bytes, state: 'fetch' });
  }
  for (const path of unhashed) {
    const stamp = await stampOf(path);
    if (stamp) pending.push({ asset: path, bytes: stamp.bytes, state: 'hash' });
  }
  return pending;
}
