import { existsSync } from 'node:fs';
import type { OnGpu } from './texts.ts';
import { absent, known } from '../../base/known.ts';
import type { Known } from '../../base/known.ts';
import { gpuProcesses, gpuStates } from '../../machine/sensors/nvidia.ts';
import type { GpuProcess, GpuState } from '../../machine/sensors/nvidia.ts';

/** Samples the GPUs that a worker sees, from time to time. */
export interface GpuWatch {
  /** Who is there before the worker starts. */
  prepare(): Promise<void>;
  /** Starts a sample when one is due; returns at once. `own`: the processes of the measurement. */
  sample(own: () => Set<number>): void;
  /** Forgets what was seen so far: the worker is only now being measured. */
  restart(): void;
  result(): GpuReading;
}

export interface GpuReading {
  /** The most processes of others that computed on them at a time, and the memory that these held. */
  others: Known<OnGpu>;
  throttled_s: Known<number>;
  power_capped_s: Known<number>;
}

/** How to ask; by default `nvidia-smi`. */
export interface GpuSource {
  states(): Promise<Known<GpuState[]>>;
  processes(): Promise<Known<GpuProcess[]>>;
}

const nvidiaSmi: GpuSource = { states: () => gpuStates(), processes: () => gpuProcesses() };

const EVERY_S = 10;
// Where the driver is loaded anew for each question, one takes seconds.
const TIMES_ITS_DURATION = 50;

/**
 * Asks with two short-lived programs: one that runs all the time would be cheaper, but writes nothing while no process
 * computes, so that it would not notice our end.
 */
export function watchGpus(
  hasGpu: boolean,
  source = nvidiaSmi,
  now = () => performance.now() / 1000,
  isHere = (pid: number) => existsSync(`/proc/${pid}`),
): GpuWatch {
  let due = now();
  let asking = false;
  let before = new Set<number>();
  let seen = nothingSeen(hasGpu ? 'not asked yet' : 'no NVIDIA GPU');

  const note = (gpus: Known<GpuState[]>, processes: Known<GpuProcess[]>, own: () => Set<number>) => {
    if (gpus.value === null || processes.value === null) {
      seen.problem = gpus.reason ?? processes.reason!;
      return;
    }
    addStates(seen, gpus.value, now());
    const uuids = new Set(gpus.value.map(({ uuid }) => uuid));
    const all = processes.value.filter(({ uuid }) => uuids.has(uuid));
    const ours = all.length === 0 ? new Set<number>() : own();
    // A number that nobody has here is of another PID namespace, and may be our worker's: unless it was there before.
    const others = all.filter(({ pid }) => !ours.has(pid) && (isHere(pid) || before.has(pid)));
    addOthers(seen, gpus.value, others);
  };
  return {
    async prepare() {
      const found = hasGpu ? await source.processes() : absent('no NVIDIA GPU');
      before = new Set(found.value?.map(({ pid }) => pid));
    },
    sample(own) {
      if (!hasGpu || asking || now() < due) return;
      asking = true;
      const begin = now();
      void Promise.all([source.states(), source.processes()])
        .then(([gpus, processes]) => note(gpus, processes, own))
        .catch((error: unknown) => (seen.problem = String(error)))
        .finally(() => {
          due = begin + Math.max(EVERY_S, TIMES_ITS_DURATION * (now() - begin));
          asking = false;
        });
    },
    restart() {
      const { problem, hasReasons } = seen;
      seen = { ...nothingSeen(problem), hasReasons };
      due = now();
    },
    result: () => readingOf(seen),
  };
}

/** What was seen since the last restart. */
interface Seen {
  /** Why nothing was seen yet. */
  problem: string;
  /** Whether the driver gives reasons for low clocks. */
  hasReasons: boolean;
  /** When the states were last read, s; null before. */
  last_s: number | null;
  throttled_s: number;
  power_capped_s: number;
  most: OnGpu | null;
}

const nothingSeen = (problem: string): Seen => ({
  problem,
  hasReasons: false,
  last_s: null,
  throttled_s: 0,
  power_capped_s: 0,
  most: null,
});

/** A state that is read counts for all of the time since the last reading. */
function addStates(seen: Seen, gpus: GpuState[], at_s: number): void {
  seen.hasReasons = gpus.some(({ throttled }) => throttled !== null);
  const seconds = seen.last_s === null ? 0 : at_s - seen.last_s;
  seen.last_s = at_s;
  if (gpus.some(({ throttled }) => throttled)) seen.throttled_s += seconds;
  if (gpus.some(({ power_capped }) => power_capped)) seen.power_capped_s += seconds;
}

function addOthers(seen: Seen, gpus: GpuState[], others: GpuProcess[]): void {
  const memory_bytes = others.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0);
  const { most } = seen;
  if (most !== null && others.length <= most.processes && memory_bytes <= most.memory_bytes) return;
  seen.most = {
    processes: others.length,
    memory_bytes,
    pids: others.map(({ pid }) => pid),
    partitioned: gpus.some(({ partitioned }) => partitioned),
  };
}

function readingOf({ most, problem, hasReasons, throttled_s, power_capped_s }: Seen): GpuReading {
  const seconds = (value: number): Known<number> => {
    if (most === null) return absent(problem);
    return hasReasons ? known(value) : absent('nvidia-smi gives no reason for the clocks');
  };
  return {
    others: most === null ? absent(problem) : known(most),
    throttled_s: seconds(throttled_s),
    power_capped_s: seconds(power_capped_s),
  };
}
