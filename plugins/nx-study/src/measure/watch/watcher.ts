import type { ProcessUsage } from '../../machine/process.ts';
import type { FailureType } from '../../record/schema.ts';
import type { WorkerEvent } from '../../worker/events.ts';

/** Something that watches a running worker, and may end it. All parts are optional. */
export interface Watcher {
  started?(running: Running): void;
  event?(event: WorkerEvent): void;
  /** Once a second. */
  tick?(): void;
  /** A complete result is there: what follows is teardown. */
  complete?(): void;
  /** Its first process has ended; `processes` are all of the machine's just now. What it left may still run, and its last events come yet. */
  exited?(processes: readonly ProcessUsage[]): void;
  /** The worker has ended, with all that it started. */
  ended?(): void;
}

export interface Running {
  /** Its first process, which leads its group. */
  pid: number;
  /** Carried by all its processes. */
  token: string;
  /** Ends it, if nothing has yet. */
  end(breach: Breach): void;
}

/** Why a watcher ended a worker. */
export interface Breach {
  type: Extract<FailureType, 'timeout' | 'stalled' | 'oom' | 'neighbour'>;
  /** Ends with the phase, if there is one. */
  message: string;
  /** Without the time to save what it has. */
  atOnce?: true;
}
