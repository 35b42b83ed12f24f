import type { Listening } from '../assets/hash.ts';
import { openAssets } from '../assets/view.ts';
import type { AssetView } from '../assets/view.ts';
import type { JsonObject } from '../base/json.ts';
import { memoized } from '../base/memoized.ts';
import { hostFingerprint } from '../machine/host.ts';
import type { HostFingerprint } from '../machine/host.ts';
import { modulesOf } from '../python/modules.ts';
import type { Modules } from '../python/modules.ts';
import { profileIdentity } from '../platform/read.ts';
import { openContents } from './content.ts';
import type { Contents } from './content.ts';

/** The files and facts from which identities are made, at one moment: each is read once, when it is first needed. */
export interface Sources {
  contents: Contents;
  assets: AssetView;
  /** The modules that a Python file imports; its path is relative to the workspace. */
  modules(file: string): Modules;
  host(): Promise<HostFingerprint>;
  /** A profile's name and rules. */
  profile(name: string): Promise<JsonObject>;
}

/** Opens the sources of identities. With `hashing`, assets that are not hashed yet are hashed; without it they stay `unhashed`. */
export async function openSources(workspaceRoot: string, hashing?: Listening): Promise<Sources> {
  let host: Promise<HostFingerprint> | undefined;
  return {
    contents: await openContents(workspaceRoot),
    assets: openAssets(workspaceRoot, hashing),
    modules: memoized((file) => modulesOf(workspaceRoot, file)),
    host: () => (host ??= hostFingerprint()),
    profile: memoized((name) => profileIdentity(workspaceRoot, name)),
  };
}
