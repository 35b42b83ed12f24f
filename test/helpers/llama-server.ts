import { join } from 'node:path';
import { fetchAsset, placeOf } from '../../plugins/nx-study/src/assets/fetch.ts';
import { readAssets } from '../../plugins/nx-study/src/assets/manifest.ts';
import { pythonFor } from './python.ts';

const repository = join(import.meta.dirname, '../..');
const root = 'test/fixtures/servers/llama-cpp';

/** `serve.py MODEL PORT [SLOTS]`: llama.cpp's own HTTP server, in Python. */
export const serverScript = join(repository, root, 'serve.py');

/** The interpreter that runs it, in an environment made from a lock with hashes. */
export const serverPython = (): Promise<string> => pythonFor('llama-server', root);

/** The file of an asset of this repository, fetched if need be. */
export async function assetPath(name: string): Promise<string> {
  const asset = (await readAssets(repository)).assets.get(name)!;
  await fetchAsset(repository, asset, { onProgress: console.log });
  return placeOf(asset);
}
