import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { startGuard } from '../machine/guard.ts';
import { endGroup, RUN_TOKEN } from '../machine/tree.ts';

export interface Ended {
  /** `timeout` and `too-long`: it was ended. */
  by: 'itself' | 'timeout' | 'too-long' | 'not-started';
  code: number | null;
  signal: string | null;
  stdout: string;
  /** The last characters of stderr; why it was not started. */
  said: string;
}

export interface Limits {
  timeout_s: number;
  output_bytes: number;
}

interface Call {
  command: string[];
  env: Record<string, string>;
  /** What the program gets on stdin. */
  input: string;
}

const SAID_CHARACTERS = 500;

/** Runs a program with this input and returns its answer. It and its children have ended when this returns, and die with this process. */
export async function answerOf(
  { command, env, input }: Call,
  { timeout_s, output_bytes }: Limits,
  signal?: AbortSignal,
): Promise<Ended> {
  signal?.throwIfAborted();
  const token = randomBytes(8).toString('hex');
  const guard = await startGuard({});
  try {
    const [program, ...args] = command;
    const child = spawn(program!, args, {
      cwd: '/',
      env: { ...env, [RUN_TOKEN]: token },
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const group = child.pid;
    if (group === undefined) {
      const [error] = (await once(child, 'error')) as [Error];
      return { by: 'not-started', code: null, signal: null, stdout: '', said: error.message };
    }
    guard.watch(group, token);
    let by: Ended['by'] = 'itself';
    let [stdout, said, size] = ['', '', 0];
    const givenUp = new AbortController();
    const end = (why: Ended['by']) => {
      if (by === 'itself') by = why;
      // A process that can't be killed, because a disk doesn't answer, is abandoned.
      void endGroup(group, token, { graceMs: 0 }).then(() => givenUp.abort());
      // A child that left the group may still have them open.
      for (const stream of [child.stdout, child.stderr]) stream.destroy();
    };
    const timer = setTimeout(() => end('timeout'), 1000 * timeout_s);
    const stop = () => end('timeout');
    signal?.addEventListener('abort', stop, { once: true });
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      size += text.length;
      if (size > output_bytes) end('too-long');
      else stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-SAID_CHARACTERS)));
    // It may end without having read.
    child.stdin.on('error', () => undefined).end(input);
    await once(child, 'exit', { signal: givenUp.signal }).catch(() => undefined);
    await drained(child.stdout);
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
    signal?.throwIfAborted();
    await endGroup(group, token, { graceMs: 0 });
    guard.unwatch();
    return { by, code: child.exitCode, signal: child.signalCode, stdout, said: said.trim() };
  } finally {
    await guard.close();
  }
}

const DRAIN_MS = 2000;

/** Waits for the rest of a stream, and not for a child that keeps it open. */
async function drained(stream: NodeJS.ReadableStream & { readableEnded: boolean; destroyed: boolean }): Promise<void> {
  if (stream.readableEnded || stream.destroyed) return;
  const givenUp = new AbortController();
  const timer = setTimeout(() => givenUp.abort(), DRAIN_MS);
  await once(stream, 'close', { signal: givenUp.signal }).catch(() => undefined);
  clearTimeout(timer);
}
