import { constants } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Guard } from '../../machine/guard.ts';
import { openRegular } from '../../machine/regular-file.ts';
import { temporaryFolderOf } from '../../machine/temporary.ts';
import { endGroup } from '../../machine/tree.ts';
import type { WorkerEvent } from '../../worker/events.ts';
import { readEvents } from './events.ts';
import { waitForAbort } from '../../base/wait.ts';
import type { Breach, Watcher } from '../watch/watcher.ts';

export interface Assignment {
  command: string[];
  /** The whole environment of the worker. */
  env: Record<string, string>;
  /** The run directory; absolute. */
  directory: string;
  /** Carried by every process of the worker, so that strays can be found. */
  token: string;
  /** Descriptors that the worker's tree inherits: the device lock. */
  inherit: number[];
  guard: Guard | null;
  /** Ends the worker with a grace to save what it has; `hurry`, when a person insists, without. */
  stop: AbortSignal;
  hurry?: AbortSignal;
  watchers: Watcher[];
  /** Whether a complete result lies in the run directory. It may take long: nothing waits for it, until the signal aborts. */
  isSealed(signal: AbortSignal): Promise<boolean>;
}

export interface Supervised {
  exitCode: number | null;
  signal: string | null;
  /** Set when the program could not be started. */
  startError: Error | null;
  /** Who made the worker end. */
  endedBy: 'worker' | 'limit' | 'stop' | 'teardown';
  /** Set when it was ended by a limit. */
  breach: Breach | null;
  elapsed_s: number;
  /** CPU time of this process meanwhile: what watching cost. */
  supervision_cpu_s: number;
  malformedEvents: number;
  /** Bytes at the end of the events that were not read. */
  unreadEvents: number;
  /** Processes that could not be ended. */
  survivors: number[];
}

const LOOK_MS = 1000;
const FIRST_LOOK_MS = 250;
// Nx ends us 5 s after asking: the worker's share of that.
const STOP_GRACE_MS = 3500;
// Nobody waits any more, and nothing should be left running.
const ORPHAN_GRACE_MS = 2000;
const TEARDOWN_LIMIT_S = 60;

/** Runs a worker in its own process group until it, all that it started and its temporary files are gone. */
export async function supervise(assignment: Assignment): Promise<Supervised> {
  const { command, directory, env, inherit, token, guard, stop, hurry, watchers } = assignment;
  // Announced before there is anything, so that no moment is left in which our death would leave something.
  guard?.watch(null, token);
  const temporary = temporaryFolderOf(token);
  await mkdir(temporary, { mode: 0o700 });
  const { O_APPEND, O_CREAT, O_WRONLY } = constants;
  const log = await openRegular(join(directory, 'worker.log'), O_APPEND | O_CREAT | O_WRONLY, 0o666);
  const begin = performance.now();
  const cpuBefore = process.cpuUsage();
  const elapsed = () => (performance.now() - begin) / 1000;
  const reader = readEvents(join(directory, 'events.jsonl'));
  const done = new AbortController();
  const [program, ...args] = command;

  const child = execa(program!, args, {
    cwd: directory,
    env,
    extendEnv: false,
    detached: true,
    cleanup: false,
    reject: false,
    buffer: false,
    stdio: ['ignore', descriptor(log.fd), descriptor(log.fd), ...inherit.map(descriptor)],
  });
  const group = child.pid ?? null;
  if (group !== null) guard?.watch(group, token);
  const exit = child.finally(() => done.abort());

  let endedBy: Supervised['endedBy'] = 'worker';
  let breach: Breach | null = null;
  let ending: Promise<number[]> | null = null;
  const end = (by: Supervised['endedBy'], graceMs: number) => {
    if (ending || group === null || done.signal.aborted) return;
    endedBy = by;
    ending = endGroup(group, token, { graceMs, ...(hurry && { hurry }) });
  };
  const onEvent = (event: WorkerEvent) => watchers.forEach((watcher) => watcher.event?.(event));
  const onStop = () => end('stop', stop.reason === 'disconnect' ? ORPHAN_GRACE_MS : STOP_GRACE_MS);
  stop.addEventListener('abort', onStop, { once: true });
  if (stop.aborted) onStop();

  const watch = async () => {
    let sealedAt: number | null = null;
    let pause = FIRST_LOOK_MS;
    const lookForSeal = onceAtATime(async () => {
      if (sealedAt !== null || !(await assignment.isSealed(done.signal))) return;
      sealedAt = elapsed();
      watchers.forEach((watcher) => watcher.sealed?.());
    });
    while (!(await waitForAbort(done.signal, pause))) {
      pause = LOOK_MS;
      await reader.look(onEvent);
      await Promise.race([lookForSeal(), waitForAbort(done.signal, LOOK_MS)]);
      watchers.forEach((watcher) => watcher.look?.());
      if (sealedAt !== null && elapsed() - sealedAt > TEARDOWN_LIMIT_S) end('teardown', STOP_GRACE_MS);
    }
  };
  if (group !== null) {
    const running = {
      pid: group,
      token,
      end(found: Breach) {
        if (ending || done.signal.aborted) return;
        breach = found;
        end('limit', found.atOnce ? 0 : STOP_GRACE_MS);
      },
    };
    watchers.forEach((watcher) => watcher.started?.(running));
  }
  // What goes wrong while watching must not leave the worker running.
  const watched = watch().catch((error: unknown) => {
    end('stop', STOP_GRACE_MS);
    return error;
  });
  try {
    const outcome = await exit;
    const elapsed_s = elapsed();
    const { user, system } = process.cpuUsage(cpuBefore);
    const survivors = group === null ? [] : await (ending ?? endGroup(group, token, { graceMs: 0 }));
    const problem = await watched;
    if (problem !== undefined) throw problem;
    await reader.readAll(onEvent);
    return {
      exitCode: outcome.exitCode ?? null,
      signal: outcome.signal ?? null,
      startError: group === null ? ((outcome.cause as Error | undefined) ?? new Error(outcome.shortMessage)) : null,
      endedBy,
      breach,
      elapsed_s,
      supervision_cpu_s: (user + system) / 1e6,
      malformedEvents: reader.malformed(),
      unreadEvents: reader.unread(),
      survivors,
    };
  } finally {
    stop.removeEventListener('abort', onStop);
    watchers.forEach((watcher) => watcher.ended?.());
    await Promise.all([reader.close(), log.close()]);
    await rm(temporary, { recursive: true, force: true }).catch(() => {});
    guard?.unwatch();
  }
}

/** Starts it again only when the last one has ended; until then, that one is what is waited for. */
function onceAtATime(act: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | null = null;
  return () => (running ??= act().finally(() => (running = null)));
}

// execa passes an open descriptor on as it is; its types allow that for input only.
const descriptor = (fd: number) => fd as unknown as 'inherit';
