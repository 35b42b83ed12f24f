import { join } from 'node:path';
import { execa } from 'execa';
import { onTestFinished } from 'vitest';
import { waitFor } from './starts.ts';

export interface RemoteCache {
  /** The variables with which Nx uses it. */
  env: Record<string, string>;
  /** Method and status of all requests since the last call: `GET 404`. */
  requests(): string[];
  /** Ends it; Nx then finds nobody there. */
  close(): Promise<void>;
}

const program = join(import.meta.dirname, '../../tools/remote-cache.mjs');
const TOKEN = 'right';

/** The server of `tools/remote-cache.mjs`, which keeps what it gets in a folder. */
export async function serveRemoteCache(folder: string): Promise<RemoteCache> {
  const server = execa(process.execPath, [program, folder], { env: { REMOTE_CACHE_TOKEN: TOKEN }, reject: false });
  let text = '';
  server.stdout.on('data', (data: Buffer) => (text += data));
  const close = async () => {
    server.kill();
    await server;
  };
  onTestFinished(close);
  const url = await waitFor('the remote cache', () => /^http:\S+(?=\n)/.exec(text)?.[0]);
  let seen = 1;
  return {
    env: { NX_SELF_HOSTED_REMOTE_CACHE_SERVER: url, NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN: TOKEN },
    requests() {
      const lines = text.trimEnd().split('\n');
      const since = lines.slice(seen).map((line) => line.split(' ').slice(0, 2).join(' '));
      seen = lines.length;
      return since;
    },
    close,
  };
}
