import { isAbsolute } from 'node:path';
import { assetErrors } from './texts.ts';
import type { RequestedAsset } from '../worker/request.ts';
import { fetchAsset, placeOf } from './fetch.ts';
import { hashPath, isUnreadable } from './hash.ts';
import type { Listening } from './hash.ts';
import { readAssets } from './manifest.ts';
import { stampKey, stampOf } from './stamp.ts';
import type { Stamp } from './stamp.ts';

/** An asset that is on this machine and has the contents of its hash. */
export interface ReadyAsset extends RequestedAsset {
  /** Of the latest moment when its contents were found to be those. */
  stamp: Stamp;
}

/**
 * Makes an asset ready: fetches it where it isn't on this machine, and checks its SHA-256.
 * @param value - the name of an entry in studies/assets.yaml, or an absolute path.
 * @throws AssetError when it can't be fetched or has other contents; the signal's reason when aborted.
 */
export async function readyAsset(workspaceRoot: string, value: string, listening: Listening): Promise<ReadyAsset> {
  if (isAbsolute(value)) {
    const { sha256, stamp } = await hashPath(value, listening);
    return { name: null, path: value, sha256, bytes: stamp.bytes, licence: null, stamp };
  }
  const asset = (await readAssets(workspaceRoot)).assets.get(value);
  if (!asset) throw assetErrors.unknown(value);
  const { name, sha256, licence } = asset;
  const path = placeOf(asset);
  if ((await stampOf(path))?.bytes !== asset.bytes || (await hashPath(path, listening)).sha256 !== sha256)
    await fetchAsset(workspaceRoot, asset, listening);
  const { stamp } = await hashPath(path, listening);
  return { name, path, sha256, bytes: stamp.bytes, licence, stamp };
}

/**
 * Whether an asset still has the contents that it had when it was made ready. Where only its stamp (size, times, inode)
 * changed, it is hashed again, which takes a while for a large one; the new stamp is then kept in `asset`.
 * @throws the signal's reason when aborted. A file that can't be read counts as changed.
 */
export async function isUnchanged(asset: ReadyAsset, listening: Listening = {}): Promise<boolean> {
  const { path, sha256, bytes, stamp } = asset;
  try {
    const now = await stampOf(path);
    if (now === null || now.bytes !== bytes) return false;
    if (stampKey(now) === stampKey(stamp)) return true;
    const hashed = await hashPath(path, listening);
    if (hashed.sha256 !== sha256) return false;
    asset.stamp = hashed.stamp;
    return true;
  } catch (error) {
    listening.signal?.throwIfAborted();
    if (isUnreadable(error)) return false;
    throw error;
  }
}
