import { basename } from 'node:path';
import { keepAwake } from '../../machine/awake.ts';
import type { Awake } from '../../machine/awake.ts';
import { cpuAllowance } from '../../machine/cpus.ts';
import { describeMachine } from '../../machine/description/describe.ts';
import type { MachineDescription } from '../../machine/description/describe.ts';
import { nvidiaAccelerators } from '../../machine/host.ts';
import { removeLeftovers } from '../../environment/leftovers.ts';
import { leftoverRemoved, leftoversUnknown } from '../../environment/texts.ts';
import { describeHolder } from '../../machine/texts.ts';
import { startGuard } from '../../machine/guard.ts';
import type { Guard } from '../../machine/guard.ts';
import { acquireLock, deviceLockPath } from '../../machine/lock.ts';
import type { HeldLock } from '../../machine/lock.ts';
import { holderLabel } from '../../machine/holder.ts';
import type { HolderLabel } from '../../machine/holder.ts';
import { removeMemoryGroups, MEMORY_GROUPS } from '../../machine/memory-group.ts';
import { machineId } from '../../machine/id.ts';
import { machineName } from '../../machine/name.ts';
import { processIdentity, startedAt } from '../../machine/process.ts';
import { findProgram } from '../../machine/program.ts';
import { sweepTemporary } from '../../machine/temporary.ts';
import type { MeasureTask } from '../../graph/task.ts';
import { devicesOfJob } from '../../graph/variables.ts';
import { writeJournal } from '../../record/journal.ts';
import { forTerminal } from '../../base/terminal.ts';
import type { MeasurementRecord, Supervisor } from '../../record/schema.ts';
import { openWholeMemory } from '../../record/whole-memory.ts';
import type { WholeMemory } from '../../record/whole-memory.ts';
import { readGit } from '../../record/git.ts';
import { openOutOfMemory } from '../../state/out-of-memory.ts';
import type { OutOfMemory } from '../../state/out-of-memory.ts';
import { listenForStop } from './stop.ts';
import type { Stop } from './stop.ts';
import { showTitle } from './title.ts';
import { reasonOf } from '../../base/reason.ts';
import { indexFinished } from '../../state/finished.ts';

/** What all measurements of one executor process share. */
export interface Batch {
  workspaceRoot: string;
  stop: Stop;
  /** Cores that a worker may use. */
  cpus: number;
  /** As it is, or was a few seconds ago: reading it takes a process where there is a GPU. */
  machine(): Promise<MachineDescription>;
  hasGpu: boolean;
  git: MeasurementRecord['git'];
  /** The process of Nx, of which this is one process after another; null where it is unknown. */
  nx: { pid: number; start_time: string } | null;
  /** When that was started. */
  runStart: Date;
  supervisor: Supervisor;
  /** Folders of finished measurements by the first digits of their digest, also of other studies. */
  finished: Map<string, string[]>;
  /** Those of this workspace that were found whole, so that nothing is hashed again that nobody touched. */
  whole: WholeMemory;
  outOfMemory: OutOfMemory;
  print(line: string): void;
  /** Leaves out what was printed before: a task is checked more than once. */
  printOnce(line: string): void;
}

/** The host's device, while this process holds it. */
export interface Device {
  lock: HeldLock;
  guard: Guard;
  awake: Awake;
  /** Writes into the lock's label who measures what now, and by which engine when in a container. */
  label(task: MeasureTask, engine?: string): Promise<void>;
  free(): Promise<void>;
}

export async function openBatch(workspaceRoot: string): Promise<Batch> {
  const stop = listenForStop();
  const print = (line: string) => void process.stdout.write(`${forTerminal(line)}\n`);
  const printed = new Set<string>();
  const [git, identity, parent, finished, whole, runStart] = await Promise.all([
    readGit(workspaceRoot),
    processIdentity(),
    processIdentity(process.ppid),
    indexFinished(workspaceRoot),
    openWholeMemory(workspaceRoot),
    startedAt(process.ppid),
    sweepTemporary(),
  ]);
  return {
    workspaceRoot,
    stop,
    cpus: cpuAllowance().allowed,
    machine: cachedFor(describeMachine),
    hasGpu: nvidiaAccelerators().length > 0,
    git,
    supervisor: {
      host: machineName(),
      pid: process.pid,
      boot: identity?.bootId ?? 'unknown',
      start_time: identity?.startTime ?? null,
      ...machineHere(),
      ...jobOf(process.env),
    },
    nx: parent && { pid: parent.pid, start_time: parent.startTime },
    runStart: runStart ?? new Date(),
    finished,
    whole,
    outOfMemory: openOutOfMemory(workspaceRoot, finished),
    print,
    printOnce(line) {
      if (!printed.has(line)) print(line);
      printed.add(line);
    },
  };
}

/** The job of Slurm in which this process runs, and the devices that it was given. */
function jobOf({ SLURM_JOB_ID: job }: NodeJS.ProcessEnv): Pick<Supervisor, 'job' | 'devices'> {
  const devices = devicesOfJob();
  return job ? { job, ...(devices && { devices }) } : {};
}

function machineHere(): Pick<Supervisor, 'machine'> {
  const machine = machineId();
  return machine === null ? {} : { machine };
}

const CACHED_MS = 5000;

/** A function that reads anew when its last value is too old. */
function cachedFor<T>(read: () => Promise<T>): () => Promise<T> {
  let last: { at: number; found: Promise<T> } | undefined;
  return () => {
    if (last === undefined || performance.now() - last.at > CACHED_MS) last = { at: performance.now(), found: read() };
    return last.found;
  };
}

/**
 * Waits for the host's device lock, for the first of some tasks, and prints who holds it. Then clears what killed runs left:
 * containers, memory groups, temporary folders.
 * @throws the reason of the stop signal when the batch is stopped, also while it waits
 * @throws what keeps the lock from being opened, or its guard from starting
 */
export async function takeDevice(
  batch: Pick<Batch, 'workspaceRoot' | 'stop' | 'print'>,
  tasks: MeasureTask[],
): Promise<Device> {
  const first = tasks[0]!;
  const studies = new Set(tasks.map(({ study }) => study));
  const label = (task: MeasureTask, engine?: string) =>
    holderLabel({
      study: task.study,
      measurement: task.label,
      workspace: batch.workspaceRoot,
      ...(engine === undefined ? {} : { engine }),
    });
  showTitle(first, 'waits for the device');
  const lock = await acquireLock(deviceLockPath(), {
    label: await label(first),
    signal: batch.stop.signal,
    onWait(holder) {
      const detail = describeHolder(holder);
      batch.print(`waiting: ${detail}`);
      for (const study of studies) void writeJournal(batch.workspaceRoot, study, { event: 'waiting', detail });
    },
  });
  let guard: Guard;
  try {
    guard = await startGuard({ lockFd: lock.fd });
  } catch (error) {
    lock.release();
    throw error;
  }
  const awake = await keepAwake();
  // What the one before was killed with has ended by now.
  await sweepTemporary();
  await clearAfter(lock.previous, batch);
  removeMemoryGroups(MEMORY_GROUPS);
  return {
    lock,
    guard,
    awake,
    async label(task, engine) {
      showTitle(task, 'supervisor');
      lock.relabel(await label(task, engine));
    },
    async free() {
      awake.release();
      await guard.close();
      lock.release();
    },
  };
}

const ENGINES = ['docker', 'podman'];

// Whoever was killed while it measured in a container may have left that; the next measurement may be in none.
async function clearAfter(previous: HolderLabel | null, batch: Pick<Batch, 'print'>): Promise<void> {
  if (previous?.engine === undefined || previous.released !== undefined) return;
  // Everybody may write into the label: its path is not a program to start, only its name is taken from it.
  const engine = ENGINES.find((name) => name === basename(previous.engine!));
  if (engine === undefined) return;
  try {
    const program = findProgram(engine);
    if (program === null) throw leftoversUnknown(engine, 'it is not on the PATH');
    await removeOrphanContainers(program, batch);
  } catch (error) {
    batch.print(reasonOf(error));
  }
}

/**
 * Removes the containers of runs that were killed, and prints each.
 * @throws where the engine can't list them
 */
export async function removeOrphanContainers(engine: string, { print }: Pick<Batch, 'print'>): Promise<void> {
  for (const id of await removeLeftovers(engine)) print(leftoverRemoved(id));
}
