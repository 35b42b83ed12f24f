import { isAbsolute } from 'node:path';
import { assetErrors } from './texts.ts';
import type { RequestedAsset } from '../worker/request.ts';
import { fetchAsset, placeOf } from './fetch.ts';
import { hashPath, isUnreadable } from './hash.ts';
import type { Listening } from './hash.ts';
import { readAssets } from './manifest.ts';
import { stampKey, stampOf } from './stamp.ts';
import type { Stamp } from './stamp.ts';

/** An asset that is on this machine, with the contents that its hash says. */
export interface ReadyAsset extends RequestedAsset {
  /** Of the latest moment when its contents were found to be those. */
  stamp: Stamp;
}

/** Brings an asset onto this machine if it isn't there, and makes sure of its contents. Rejects with an AssetError. */
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
 * Whether an asset still has the contents that it had when it was made ready. They decide: where only its stamp moved, they
 * are hashed again, which takes a while for a large one. Rejects with the signal's reason.
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
