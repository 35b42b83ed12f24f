import type { Listening } from '../assets/hash.ts';
import { openAssets } from '../assets/view.ts';
import type { AssetView } from '../assets/view.ts';
import type { JsonObject } from '../base/json.ts';
import { memoized } from '../base/memoized.ts';
import { hostFingerprint } from '../machine/host.ts';
import type { HostFingerprint } from '../machine/host.ts';
import { profileIdentity } from '../platform/read.ts';
import { openContents } from './content.ts';
import type { Contents } from './content.ts';

/** What identities are made from, as it is at one moment: each part is looked at once, when it is first asked for. */
export interface Sources {
  contents: Contents;
  assets: AssetView;
  host(): Promise<HostFingerprint>;
  /** A profile's name and rules. */
  profile(name: string): Promise<JsonObject>;
}

/** Who gives `hashing` waits for the contents of assets that aren't hashed yet. */
export async function openSources(workspaceRoot: string, hashing?: Listening): Promise<Sources> {
  let host: Promise<HostFingerprint> | undefined;
  return {
    contents: await openContents(workspaceRoot),
    assets: openAssets(workspaceRoot, hashing),
    host: () => (host ??= hostFingerprint()),
    profile: memoized((name) => profileIdentity(workspaceRoot, name)),
  };
}
