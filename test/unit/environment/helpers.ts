import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { manifestSchema } from '../../../plugins/nx-study/src/worker/manifest.ts';
import type { PrepareOptions } from '../../../plugins/nx-study/src/environment/prepared.ts';

/** Any stable Python of this machine that uv supports. */
export const ANY_PYTHON = '>=3.9,<4';

export function worker(environment: object): PrepareOptions['worker'] {
  const manifest = manifestSchema.parse({
    protocol: 1,
    kind: 'values',
    description: 'a worker',
    commands: { measure: ['true'] },
    environment,
    config: 'config.schema.json',
    measuring: ['measure.py'],
  });
  return { name: 'tiny', root: 'workers/tiny', manifest };
}

/** A workspace whose worker has that lock. */
export function writeWorkspace(root: string, lock: string): void {
  mkdirSync(join(root, 'workers/tiny'), { recursive: true });
  writeFileSync(join(root, 'workers/tiny/requirements.lock'), lock);
}

export function writeProgram(path: string, script: string): void {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
}
