import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { toolNotStarted } from './texts.ts';
import { startGuard } from '../machine/guard.ts';
import { endGroup, RUN_TOKEN } from '../machine/tree.ts';

export interface ToolRun {
  args: string[];
  cwd: string;
  env?: Record<string, string | undefined>;
  /** A lock that stays taken until the tool and its children are gone. */
  lockFd?: number;
  onLine?: (line: string) => void;
  signal?: AbortSignal;
}

export interface ToolOutcome {
  code: number | null;
  /** The last lines of both outputs. */
  tail: string;
}

const TAIL_LINES = 30;
const GRACE_MS = 1000;

/**
 * Runs a program to its end. It and its children are killed when this process dies, and when `signal` aborts.
 * @throws EnvironmentError when it can't be started; MachineError when the guard can't; the signal's reason when aborted.
 * An exit code other than 0 is no error.
 */
export async function runTool(
  command: string,
  { args, cwd, env, lockFd, onLine, signal }: ToolRun,
): Promise<ToolOutcome> {
  signal?.throwIfAborted();
  const token = randomBytes(8).toString('hex');
  const guard = await startGuard(lockFd === undefined ? {} : { lockFd });
  try {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env, [RUN_TOKEN]: token },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', ...(lockFd === undefined ? [] : [lockFd])],
    });
    const group = child.pid;
    if (group === undefined) throw toolNotStarted(command, (await once(child, 'error'))[0]);
    guard.watch(group, token);
    const stop = () => void endGroup(group, token, { graceMs: GRACE_MS });
    signal?.addEventListener('abort', stop, { once: true });
    if (signal?.aborted) stop();
    const lines: string[] = [];
    const take = (line: string) => {
      onLine?.(line);
      lines.push(line);
      if (lines.length > TAIL_LINES) lines.shift();
    };
    for (const input of [child.stdout, child.stderr]) if (input) createInterface({ input }).on('line', take);
    const [code] = await once(child, 'close');
    signal?.removeEventListener('abort', stop);
    signal?.throwIfAborted();
    guard.unwatch();
    return { code: typeof code === 'number' ? code : null, tail: lines.join('\n').trim() };
  } finally {
    await guard.close();
  }
}
