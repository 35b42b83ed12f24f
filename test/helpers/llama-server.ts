import { join } from 'node:path';
import { fetchAsset, placeOf } from '../../plugins/nx-study/src/assets/fetch.ts';
import { readAssets } from '../../plugins/nx-study/src/assets/manifest.ts';
import { prepareEnvironment } from '../../plugins/nx-study/src/environment/prepare.ts';
import { manifestSchema } from '../../plugins/nx-study/src/worker/manifest.ts';

const repository = join(import.meta.dirname, '../..');
const root = 'test/fixtures/servers/llama-cpp';

/** `serve.py MODEL PORT [SLOTS]`: llama.cpp's own HTTP server, in Python. */
export const serverScript = join(repository, root, 'serve.py');

/** The interpreter that runs it, in an environment made from a lock with hashes. */
export async function serverPython(): Promise<string> {
  const manifest = manifestSchema.parse({
    protocol: 1,
    kind: 'values',
    description: 'A server for tests',
    commands: { measure: ['{python}'] },
    environment: { type: 'uv', python: '>=3.11', lock: 'requirements.lock' },
    config: 'none.json',
    measuring: ['serve.py'],
  });
  const worker = { name: 'llama-server', root, manifest };
  const { python } = await prepareEnvironment({ workspaceRoot: repository, worker, onProgress: console.log });
  return python!;
}

/** The file of an asset of this repository, fetched if need be. */
export async function assetPath(name: string): Promise<string> {
  const asset = (await readAssets(repository)).assets.get(name)!;
  await fetchAsset(repository, asset, { onProgress: console.log });
  return placeOf(asset);
}
