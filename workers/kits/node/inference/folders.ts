import { createHash } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Request } from '../request.ts';
import { filesOf } from './pages.ts';

// What no compiler ever sees. Of the model it sees the content, whatever its path.
const NOT_COMPILED = new Set(['energy', 'measure', 'model', 'prompts', 'start', 'warmup']);

/**
 * Folder for what the engine compiles, kept with the environment. Each configuration has its own, so that nothing in it
 * comes from another one; emptied here when the configuration says `start: cold`. Point the engine's variables there
 * before importing it.
 */
export function compileCacheFolder(request: Request): string {
  const cold = request.configuration.start === 'cold';
  const folder = join(request.cache_dir, cold ? 'compiled-cold' : join('compiled', keyOf(request)));
  if (cold) rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return folder;
}

function keyOf({ configuration, assets, allowance }: Request): string {
  const settings = Object.entries(configuration).filter(([name]) => !NOT_COMPILED.has(name));
  const model = assets.model?.sha256 ?? configuration.model;
  const text = JSON.stringify([model, settings.sort(([a], [b]) => (a < b ? -1 : 1)), allowance.cpus]);
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** What is known of the payload's `model` without the engine. */
export async function knownOfModel(request: Request, modelFiles: readonly string[]) {
  const written = request.configuration.model;
  const asset = request.assets.model;
  const files = await filesOf(modelFiles);
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
  return {
    name: asset?.name ?? (typeof written === 'string' ? basename(written) : 'synthetic'),
    sha256: asset?.sha256 ?? null,
    weights_format: null,
    parameters: null,
    file_bytes: sizes.length > 0 ? sizes.reduce((sum, size) => sum + size, 0) : null,
  };
}
