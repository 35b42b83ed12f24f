import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, constants, mkdirSync, rmdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Guard } from '../../machine/guard.ts';
import { openRegularSync } from '../../machine/regular-file.ts';
import type { ProcessUsage } from '../../machine/process.ts';
import { processTable } from '../../machine/sensors/processes.ts';
import { temporaryFolderOf } from '../../machine/temporary.ts';
import { endGroup } from '../../machine/tree.ts';
import type { WorkerEvent } from '../../worker/events.ts';
import { readEvents } from './events.ts';
import type { EventReader } from './events.ts';
import { tried } from '../../base/errno.ts';
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
  /** Ends the worker with a grace to save what it has. */
  stop: AbortSignal;
  /** Ends the grace: a person insists. */
  force?: AbortSignal;
  watchers: Watcher[];
  /** Whether a complete result lies in the run directory. It may take long: the signal ends it. */
  isComplete(signal: AbortSignal): Promise<boolean>;
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

const TICK_MS = 1000;
const FIRST_TICK_MS = 250;
// Nx kills this process 5 s after its signal (its NX_PROCESS_KILL_GRACE_PERIOD). The worker has 3.5 s of that to save what
// it has; the rest is for ending its tree and writing the record.
const STOP_GRACE_MS = 3500;
// Nx is gone, so nobody waits for the record. Chosen short, so that the worker does not run on for long; not measured.
const ORPHAN_GRACE_MS = 2000;
// From a complete result to the exit. Chosen; no measurement is recorded. A worker that is ended then keeps its result, with the finding `slow-teardown`.
const TEARDOWN_LIMIT_S = 60;

/**
 * Runs a worker in its own process group until it, all that it started and its temporary files are gone. It writes
 * `worker.log` into the run directory, and reads `events.jsonl` from it.
 *
 * Returns how the worker ended, also when it could not be started; times are in seconds.
 * @throws what a watcher or `isComplete` throws; the worker has been ended by then
 * @throws what keeps the log or the temporary folder from being made: nothing has started
 */
export async function supervise(assignment: Assignment): Promise<Supervised> {
  const { directory, token, guard, stop, watchers } = assignment;
  // Announced before there is anything, so that no moment is left in which our death would leave something.
  guard?.watch(null, token);
  const temporary = temporaryFolderOf(token);
  mkdirSync(temporary, { mode: 0o700 });
  const { O_APPEND, O_CREAT, O_WRONLY } = constants;
  const log = openRegularSync(join(directory, 'worker.log'), O_APPEND | O_CREAT | O_WRONLY, 0o666);
  const used = stopwatch();
  const reader = readEvents(join(directory, 'events.jsonl'));
  const worker = start(assignment, log);
  const ending = endingOf(assignment, worker);
  const onStop = () => ending.end('stop', stop.reason === 'disconnect' ? ORPHAN_GRACE_MS : STOP_GRACE_MS);
  stop.addEventListener('abort', onStop, { once: true });
  if (stop.aborted) onStop();
  if (worker.group !== null) {
    const running = { pid: worker.group, token, end: ending.breach };
    watchers.forEach((watcher) => watcher.started?.(running));
  }
  // What goes wrong while watching must not leave the worker running.
  const watched = watch(assignment, worker, ending, reader).catch((error: unknown) => {
    ending.end('stop', STOP_GRACE_MS);
    return error;
  });
  try {
    const outcome = await worker.exit;
    const { elapsed_s, cpu_s } = used();
    // One sample of all processes serves both: what is left of its tree, and what neighbours did.
    const processes = processTable();
    const ended = ending.survivors(processes);
    try {
      watchers.forEach((watcher) => watcher.exited?.(processes));
    } finally {
      await ended;
    }
    const survivors = await ended;
    const problem = await watched;
    if (problem !== undefined) throw problem;
    await reader.readAll(passOn(watchers));
    return {
      ...outcome,
      ...ending.cause(),
      elapsed_s,
      supervision_cpu_s: cpu_s,
      malformedEvents: reader.malformed(),
      unreadEvents: reader.unread(),
      survivors,
    };
  } finally {
    stop.removeEventListener('abort', onStop);
    watchers.forEach((watcher) => watcher.ended?.());
    await watched;
    reader.close();
    closeSync(log);
    await removeFolder(temporary);
    guard?.unwatch();
  }
}

interface WorkerProcess {
  /** The number of its first process, which leads its group; null when it could not be started. */
  group: number | null;
  exit: Promise<Pick<Supervised, 'exitCode' | 'signal' | 'startError'>>;
  /** Aborts when its first process has ended. */
  done: AbortSignal;
}

function start(assignment: Assignment, log: number): WorkerProcess {
  const { token, guard } = assignment;
  const done = new AbortController();
  let child: ChildProcess;
  try {
    child = spawnWorker(assignment, log);
  } catch (error) {
    done.abort(ENDED);
    return { group: null, exit: Promise.resolve(notStarted(error as Error)), done: done.signal };
  }
  const group = child.pid ?? null;
  if (group !== null) guard?.watch(group, token);
  const exit = new Promise<Awaited<WorkerProcess['exit']>>((resolve) => {
    child.once('exit', (exitCode, signal) => resolve({ exitCode, signal, startError: null }));
    child.on('error', (error) => resolve(notStarted(error)));
  }).finally(() => done.abort(ENDED));
  return { group, exit, done: done.signal };
}

const notStarted = (startError: Error) => ({ exitCode: null, signal: null, startError });

// A reason of its own spares making an error with its stack.
const ENDED = 'the worker has ended';

function spawnWorker({ command, directory, env, inherit }: Assignment, log: number): ChildProcess {
  const [program, ...args] = command;
  return spawn(program!, args, { cwd: directory, env, detached: true, stdio: ['ignore', log, log, ...inherit] });
}

/** Most workers leave it empty, and removing only that is quicker. */
async function removeFolder(path: string): Promise<void> {
  const isRemoved = tried(() => {
    rmdirSync(path);
    return true;
  });
  if (!isRemoved) await rm(path, { recursive: true, force: true }).catch(() => {});
}

/** Ends a worker for the first reason that comes, if it hasn't ended by itself. */
interface Ending {
  end(by: Supervised['endedBy'], graceMs: number): void;
  breach(found: Breach): void;
  cause(): Pick<Supervised, 'endedBy' | 'breach'>;
  /** Ends what is left of its tree, among all processes at its end; returns those that could not be ended. */
  survivors(processes: readonly ProcessUsage[]): Promise<number[]>;
}

function endingOf({ token, force }: Assignment, { group, done }: WorkerProcess): Ending {
  let endedBy: Supervised['endedBy'] = 'worker';
  let breach: Breach | null = null;
  let ending: Promise<number[]> | null = null;
  const mayEnd = () => ending === null && group !== null && !done.aborted;
  const end = (by: Supervised['endedBy'], graceMs: number) => {
    if (!mayEnd()) return;
    endedBy = by;
    ending = endGroup(group!, token, { graceMs, ...(force && { force }) });
  };
  return {
    end,
    breach(found) {
      if (!mayEnd()) return;
      breach = found;
      end('limit', found.atOnce ? 0 : STOP_GRACE_MS);
    },
    cause: () => ({ endedBy, breach }),
    survivors: async (processes) =>
      group === null ? [] : (ending ?? endGroup(group, token, { graceMs: 0, processes })),
  };
}

const passOn = (watchers: Watcher[]) => (event: WorkerEvent) => watchers.forEach((watcher) => watcher.event?.(event));

/** Passes events on, and lets the watchers work, once a second until the worker has ended. */
async function watch(
  { watchers, isComplete }: Assignment,
  { done }: WorkerProcess,
  ending: Ending,
  reader: EventReader,
): Promise<void> {
  const onEvent = passOn(watchers);
  let completeAt_ms: number | null = null;
  let pause = FIRST_TICK_MS;
  const checkResult = onceAtATime(async () => {
    if (completeAt_ms !== null || !(await isComplete(done))) return;
    completeAt_ms = performance.now();
    watchers.forEach((watcher) => watcher.complete?.());
  });
  while (!(await waitForAbort(done, pause))) {
    pause = TICK_MS;
    await reader.readNew(onEvent);
    await Promise.race([checkResult(), waitForAbort(done, TICK_MS)]);
    watchers.forEach((watcher) => watcher.tick?.());
    if (completeAt_ms !== null && performance.now() - completeAt_ms > 1000 * TEARDOWN_LIMIT_S)
      ending.end('teardown', STOP_GRACE_MS);
  }
}

/** Since when, and with how much CPU time of this process, s. */
function stopwatch(): () => { elapsed_s: number; cpu_s: number } {
  const begin = performance.now();
  const before = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(before);
    return { elapsed_s: (performance.now() - begin) / 1000, cpu_s: (user + system) / 1e6 };
  };
}

/** Starts it again only when the last one has ended; until then, that one is what is waited for. */
function onceAtATime(act: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | null = null;
  return () => (running ??= act().finally(() => (running = null)));
}
