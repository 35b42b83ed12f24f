import { join } from 'node:path';
import { prepareEnvironment } from '../../plugins/nx-study/src/environment/prepare.ts';
import { manifestSchema } from '../../plugins/nx-study/src/worker/manifest.ts';

const repository = join(import.meta.dirname, '../..');

/**
 * The Python interpreter of an environment that is made from `requirements.lock`, with hashes, in a folder of the tests.
 * @param name - of the environment in the cache.
 */
export async function pythonFor(name: string, root: string): Promise<string> {
  const manifest = manifestSchema.parse({
    protocol: 1,
    kind: 'values',
    description: 'Programs for tests',
    commands: { measure: ['{python}'] },
    environment: { type: 'uv', python: '>=3.11', lock: 'requirements.lock' },
    config: 'none.json',
    measuring: ['*.py'],
  });
  const worker = { name, root, manifest };
  const { python } = await prepareEnvironment({ workspaceRoot: repository, worker, onProgress: console.log });
  return python!;
}
