import { mkdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Request } from '../request.ts';

/**
 * Folder for what the engine compiles, kept with the environment; emptied here when the configuration says `start:
 * cold`. Point the engine's variables there before importing it.
 */
export function compileCacheFolder(request: Request): string {
  const cold = request.configuration.start === 'cold';
  const folder = join(request.cache_dir, cold ? 'compiled-cold' : 'compiled');
  if (cold) rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** Name and sha256 of the model as nx-study knows it: the start of `Engine.describeModel`. */
export function modelOfAsset(request: Request, key = 'model'): { name: string; sha256: string | null } {
  const asset = request.assets[key];
  if (asset) return { name: asset.name, sha256: asset.sha256 };
  return { name: basename(request.configuration[key] as string), sha256: null };
}
