import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { fetchAsset, placeOf } from '../../plugins/nx-study/src/assets/fetch.ts';
import { readAssets } from '../../plugins/nx-study/src/assets/manifest.ts';
import { pythonFor } from './python.ts';

const repository = join(import.meta.dirname, '../..');
const root = 'test/fixtures/servers/llama-cpp';

/** `serve.py MODEL PORT [SLOTS] [embeddings]`: llama.cpp's own HTTP server, in Python. */
export const serverScript = join(repository, root, 'serve.py');

/** The interpreter that runs it, in an environment made from a lock with hashes. */
export const serverPython = (): Promise<string> => pythonFor('llama-server', root);

/** The file of an asset of this repository, fetched if need be. */
export async function assetPath(name: string): Promise<string> {
  const asset = (await readAssets(repository)).assets.get(name)!;
  await fetchAsset(repository, asset, { onProgress: console.log });
  return placeOf(asset);
}

/** Starts it on a free port, until the test is over, with further arguments. @returns its origin, once it listens. */
export async function startLlamaServer(python: string, model: string, ...more: string[]): Promise<string> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  const child = spawn(python, [serverScript, model, String(port), ...more], { stdio: ['ignore', 'pipe', 'ignore'] });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  });
  await once(child.stdout, 'data');
  child.stdout.resume();
  return `http://127.0.0.1:${port}`;
}
