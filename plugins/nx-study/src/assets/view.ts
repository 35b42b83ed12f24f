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

/** The contents of assets as far as they are known without reading them, at one moment. */
export interface AssetView {
  /**
   * What stands for an asset in an identity: its hash. For a path whose contents nobody has hashed yet, or when
   * `provisional`, the path: Nx may keep a graph while they change. null for what isn't there.
   */
  identityOf(value: string, provisional: boolean): Promise<JsonObject>;
}

/**
 * Looks at each asset once; the files behind it are read when the first one is asked for. Who gives `hashing` waits for the
 * contents of what isn't hashed yet.
 */
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
    // Gone, or about to change: no contents that could be those of before.
    if (isUnreadable(error)) return { sha256: null };
    throw error;
  }
}
