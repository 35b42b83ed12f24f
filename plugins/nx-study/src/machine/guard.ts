import { spawn } from 'node:child_process';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { guardFailed } from './texts.ts';
import { GUARD_SCRIPT } from './guard-script.ts';

/** The guard of the worker that runs; see `startGuard`. */
export interface Guard {
  pid: number;
  /**
   * Announces the worker to end if this process dies. A null group, before the worker is started, covers the moment
   * until its group is known; only Linux finds it then, by its token.
   */
  watch(group: number | null, token: string): void;
  unwatch(): void;
  /** Resolves when the guard is gone; it has ended the worker that was still announced. */
  close(): Promise<void>;
}

export interface GuardOptions {
  /** The guard keeps it open, so that the lock frees only after the guarded worker is gone. */
  lockFd?: number;
}

const PIPE = 3;

/**
 * Starts the guard of a batch: a sleeping shell outside of our process tree and session. When our end of its pipe closes,
 * which happens even at kill -9, it ends the announced worker. Acquire the lock first, then start the guard with it; close the
 * guard first, then release the lock.
 * @throws MachineError when no `sh` can be started.
 */
export async function startGuard({ lockFd }: GuardOptions = {}): Promise<Guard> {
  const starter = spawn('sh', ['-c', GUARD_SCRIPT, 'nx-study-guard'], {
    cwd: '/',
    detached: true,
    env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C', TMPDIR: tmpdir() },
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', ...(lockFd === undefined ? [] : [lockFd])],
  });
  const failed = new Promise<never>((_, reject) => starter.once('error', reject));
  try {
    const pipe = starter.stdio[PIPE];
    if (!(pipe instanceof Socket)) throw await failed;
    // A guard that somebody killed must not take its supervisor along.
    pipe.on('error', () => {});
    const pid = Number(await Promise.race([firstLine(pipe), failed]));
    return guardOver(pipe, pid);
  } catch (cause) {
    throw guardFailed(cause);
  } finally {
    starter.unref();
  }
}

function guardOver(pipe: Socket, pid: number): Guard {
  const closed = new Promise<void>((resolve) => pipe.once('close', () => resolve()));
  pipe.unref();
  pipe.resume();
  const send = (line: string) => {
    if (pipe.writable) pipe.write(`${line}\n`);
  };
  return {
    pid,
    watch(group, token) {
      if (group !== null && !(group > 1)) throw new RangeError(`not a process group of a worker: ${group}`);
      if (!/^[\w.-]+$/.test(token)) throw new RangeError(`not a run token: ${JSON.stringify(token)}`);
      send(`run ${group ?? 'none'} ${token}`);
    },
    unwatch: () => send('done'),
    async close() {
      pipe.ref();
      pipe.end();
      await closed;
    },
  };
}

function firstLine(pipe: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    pipe.once('data', (data: Buffer) => resolve(data.toString().trim()));
    pipe.once('close', () => reject(new Error('it ended at once')));
  });
}
