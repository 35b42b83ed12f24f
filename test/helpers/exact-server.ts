import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';

const source = join(import.meta.dirname, '../../tools/bench/server/exact-server.c');

/** What the server saw since it was asked last, and how late its own writes were. */
export interface Stats {
  connections: number;
  requests: number;
  writes: number;
  most_in_flight: number;
  late_p50_ms: number;
  late_p99_ms: number;
  late_max_ms: number;
}

export interface ExactServer {
  /** Base URL of the API with a behaviour: see `exact-server.c`. */
  url(behaviour: string): string;
  stats(): Promise<Stats>;
}

/** Whether the program can be made here: it needs Linux and a C compiler. */
export const canBuildExactServer = (() => {
  try {
    execFileSync('cc', ['--version'], { stdio: 'ignore' });
    return process.platform === 'linux';
  } catch {
    return false;
  }
})();

/** A server in native code whose writes are on time, until the test is over. */
export async function startExactServer(): Promise<ExactServer> {
  const folder = mkdtempSync(join(tmpdir(), 'nx-study-exact-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const program = join(folder, 'exact-server');
  execFileSync('cc', ['-O2', '-Wall', '-Wextra', '-Werror', '-o', program, source]);
  const child = spawn(program, { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  });
  const [port] = (await once(createInterface(child.stdout), 'line')) as [string];
  const origin = `http://127.0.0.1:${Number(port)}`;
  return {
    url: (behaviour) => `${origin}/${behaviour}/v1`,
    stats: async () => (await (await fetch(`${origin}/stats`)).json()) as Stats,
  };
}
