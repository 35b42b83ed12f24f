import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { vi } from 'vitest';
import { stringify } from 'yaml';
import { readyAsset } from '../../../plugins/nx-study/src/assets/ready.ts';
import { temporaryFolder } from '../machine/helpers.ts';

export const sha256 = (content: Buffer | string): string => createHash('sha256').update(content).digest('hex');

export const someBytes = (count: number): Buffer => randomBytes(count);

/** An entry of studies/assets.yaml for that content. */
export const entry = (content: Buffer, source: object): object => ({
  description: 'a model',
  licence: 'MIT',
  source,
  bytes: content.length,
  sha256: sha256(content),
});

/** A workspace with these assets, and a cache folder of its own. */
export function workspaceOf(assets: object | string) {
  const root = temporaryFolder();
  const cache = temporaryFolder();
  vi.stubEnv('NX_STUDY_CACHE_DIR', cache);
  const lines: string[] = [];
  write(join(root, 'studies/assets.yaml'), typeof assets === 'string' ? assets : stringify(assets));
  return {
    root,
    cache,
    lines,
    ready: (value: string, signal?: AbortSignal) =>
      readyAsset(root, value, { onProgress: (line) => void lines.push(line), ...(signal ? { signal } : {}) }),
  };
}

export function write(path: string, content: string | Buffer): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}
