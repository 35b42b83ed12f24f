import { isAbsolute } from 'node:path';
import { assetErrors } from '../errors/assets.ts';
import type { RequestedAsset } from '../worker/request.ts';
import { fetchAsset, placeOf } from './fetch.ts';
import { hashPath } from './hash.ts';
import type { Listening } from './hash.ts';
import { readAssets } from './manifest.ts';
import { stampKey, stampOf } from './stamp.ts';

/** An asset that is on this machine, with the contents that its hash says. */
export interface ReadyAsset extends RequestedAsset {
  /** Of the moment when it was hashed. */
  stamp: string;
}

/** Brings an asset onto this machine if it isn't there, and makes sure of its contents. Rejects with an AssetError. */
export async function readyAsset(workspaceRoot: string, value: string, listening: Listening): Promise<ReadyAsset> {
  if (isAbsolute(value)) {
    const { sha256, stamp } = await hashPath(value, listening);
    return { name: null, path: value, sha256, bytes: stamp.bytes, licence: null, stamp: stampKey(stamp) };
  }
  const asset = (await readAssets(workspaceRoot)).assets.get(value);
  if (!asset) throw assetErrors.unknown(value);
  const { name, sha256, licence } = asset;
  const path = placeOf(asset);
  if ((await stampOf(path))?.bytes !== asset.bytes || (await hashPath(path, listening)).sha256 !== sha256)
    await fetchAsset(workspaceRoot, asset, listening);
  const { stamp } = await hashPath(path, listening);
  return { name, path, sha256, bytes: stamp.bytes, licence, stamp: stampKey(stamp) };
}

/** Whether an asset is still what it was when it was made ready. */
export async function isUnchanged({ path, stamp }: ReadyAsset): Promise<boolean> {
  const now = await stampOf(path).catch(() => null);
  return now !== null && stampKey(now) === stamp;
}
