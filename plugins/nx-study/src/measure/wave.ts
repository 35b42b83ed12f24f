import { describeHolder } from '../errors/machine.ts';
import type { JsonObject } from '../json.ts';
import { describeHost } from '../machine/host.ts';
import { startGuard } from '../machine/guard.ts';
import type { Guard } from '../machine/guard.ts';
import { acquireLock, deviceLockPath } from '../machine/lock.ts';
import type { HeldLock } from '../machine/lock.ts';
import { holderLabel } from '../machine/holder.ts';
import { processIdentity } from '../machine/process.ts';
import type { MeasureTask } from '../graph/task.ts';
import { writeJournal } from '../record/journal.ts';
import type { MeasurementRecord, Supervisor } from '../record/schema.ts';
import { indexFinished } from './adopt.ts';
import { readGit } from './git.ts';
import { listenForStop } from './stop.ts';
import type { Stop } from './stop.ts';
import { showTitle } from './title.ts';

/** What all measurements of one executor process share. */
export interface Wave {
  workspaceRoot: string;
  stop: Stop;
  /** Cores that a worker may use. */
  cpus: number;
  machine: JsonObject;
  git: MeasurementRecord['git'];
  supervisor: Supervisor;
  /** Folders of finished measurements by the first digits of their digest, also of other studies. */
  finished: Map<string, string[]>;
  print(line: string): void;
}

/** The host's device, while this process holds it. */
export interface Device {
  lock: HeldLock;
  guard: Guard;
  /** Says who measures what now. */
  label(task: MeasureTask): Promise<void>;
  free(): Promise<void>;
}

export async function openWave(workspaceRoot: string): Promise<Wave> {
  const stop = listenForStop();
  const [host, git, identity, finished] = await Promise.all([
    describeHost(),
    readGit(workspaceRoot),
    processIdentity(),
    indexFinished(workspaceRoot),
  ]);
  return {
    workspaceRoot,
    stop,
    cpus: host.cpus.allowed,
    machine: host as unknown as JsonObject,
    git,
    supervisor: {
      host: host.hostname,
      pid: process.pid,
      boot: identity?.bootId ?? 'unknown',
      start_time: identity?.startTime ?? null,
    },
    finished,
    print: (line) => void process.stdout.write(`${line}\n`),
  };
}

/** Waits for the host's device lock, saying who holds it; rejects when the wave is stopped. */
export async function takeDevice(wave: Wave, first: MeasureTask): Promise<Device> {
  const label = (task: MeasureTask) =>
    holderLabel({ study: task.study, measurement: task.label, workspace: wave.workspaceRoot });
  showTitle(first, 'waits for the device');
  const lock = await acquireLock(deviceLockPath(), {
    label: await label(first),
    signal: wave.stop.signal,
    onWait(holder) {
      const detail = describeHolder(holder);
      wave.print(`waiting: ${detail}`);
      void writeJournal(wave.workspaceRoot, first.study, { event: 'waiting', detail });
    },
  });
  let guard: Guard;
  try {
    guard = await startGuard({ lockFd: lock.fd });
  } catch (error) {
    lock.release();
    throw error;
  }
  return {
    lock,
    guard,
    async label(task) {
      showTitle(task, 'supervisor');
      lock.relabel(await label(task));
    },
    async free() {
      await guard.close();
      lock.release();
    },
  };
}
