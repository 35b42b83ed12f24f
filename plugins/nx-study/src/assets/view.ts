import { isAbsolute } from 'node:path';
import type { JsonObject } from '../base/json.ts';
import { memoized } from '../base/memoized.ts';
import { hashPath, isUnreadable } from './hash.ts';
import type { Listening } from './hash.ts';
import { openHashes } from './hashes.ts';
import type { Hashes } from './hashes.ts';
import { readAssets } from './manifest.ts';
import type { AssetManifest } from './manifest.ts';
import { stampOf } from './stamp.ts';

/** The hashes of assets at one moment, as far as they are known without reading the contents. */
export interface AssetView {
  /**
   * The entry that stands for an asset in an identity. `{sha256}` where the hash is known, with null for an asset that
   * doesn't exist; `{unhashed: path}` for a path whose contents are not hashed yet, or when `provisional`: Nx may keep its
   * graph while they change.
   */
  identityOf(value: string, provisional: boolean): Promise<JsonObject>;
}

/** Opens the view; each asset is examined once. With `hashing`, a path that isn't hashed yet is hashed now, which may take long. */
export function openAssets(workspaceRoot: string, hashing?: Listening): AssetView {
  let manifest: Promise<AssetManifest> | undefined;
  let hashes: Promise<Hashes> | undefined;

  async function identityOf(value: string, provisional: boolean): Promise<JsonObject> {
    if (!isAbsolute(value)) {
      const { assets } = await (manifest ??= readAssets(workspaceRoot));
      return { sha256: assets.get(value)?.sha256 ?? null };
    }
    const stamp = await stampOf(value);
    if (stamp === null) return { sha256: null };
    if (provisional) return { unhashed: value };
    const sha256 = await (await (hashes ??= openHashes())).of(stamp);
    if (sha256 !== null) return { sha256 };
    return hashing ? hashNow(value, hashing) : { unhashed: value };
  }

  return { identityOf: memoized(identityOf, (value, provisional) => `${provisional}:${value}`) };
}

async function hashNow(path: string, hashing: Listening): Promise<JsonObject> {
  try {
    return { sha256: (await hashPath(path, hashing)).sha256 };
  } catch (error) {
    hashing.signal?.throwIfAborted();
    // It is gone or changing, so it doesn't have the contents of before.
    if (isUnreadable(error)) return { sha256: null };
    throw error;
  }
}
