import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { FIRST_S, GAP_S } from './shape.mjs';

/** Compiles the server of exact timing into a folder. */
export function buildServer(folder) {
  const program = join(folder, 'exact-server');
  execFileSync('cc', ['-O2', '-o', program, join(import.meta.dirname, 'exact-server.c')]);
  return program;
}

/** Runs it while `work` does, which gets its origin, and the path of an API with the behaviour. */
export async function withServer(program, perChunk, work) {
  const child = spawn(program, ['--realtime'], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const [line] = await once(createInterface(child.stdout), 'line');
    const origin = `http://127.0.0.1:${line.split(' ')[0]}`;
    const path = `/first=${1000 * FIRST_S},gap=${1000 * GAP_S},per-chunk=${perChunk}`;
    const found = await work({ origin, path });
    return { ...found, seen: await (await fetch(`${origin}/stats`)).json() };
  } finally {
    child.kill();
  }
}
