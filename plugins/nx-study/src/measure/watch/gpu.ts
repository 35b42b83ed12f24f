import { existsSync } from 'node:fs';
import type { OnGpu } from './texts.ts';
import { absent, known } from '../../base/known.ts';
import type { Known } from '../../base/known.ts';
import { gpuProcesses, gpuStates } from '../../machine/sensors/nvidia.ts';
import type { GpuProcess, GpuState } from '../../machine/sensors/nvidia.ts';

/** Looks at the GPUs that a worker sees, from time to time. */
export interface GpuWatch {
  /** Who is there before the worker starts. */
  prepare(): Promise<void>;
  /** Starts a look when one is due; returns at once. `own` tells who belongs to the measurement. */
  look(own: () => Set<number>): void;
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
 * Asks with two short-lived programs: one that runs all the time would be cheaper, but tells nothing while no process
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
  let last: number | null = null;
  let before = new Set<number>();
  let problem = hasGpu ? 'not asked yet' : 'no NVIDIA GPU';
  let tellsReasons = false;
  let throttled_s = 0;
  let power_capped_s = 0;
  let most: OnGpu | null = null;

  const note = (gpus: Known<GpuState[]>, processes: Known<GpuProcess[]>, own: () => Set<number>) => {
    if (gpus.value === null || processes.value === null) {
      problem = gpus.reason ?? processes.reason!;
      return;
    }
    const at = now();
    tellsReasons = gpus.value.some(({ throttled }) => throttled !== null);
    const seconds = last === null ? 0 : at - last;
    last = at;
    if (gpus.value.some(({ throttled }) => throttled)) throttled_s += seconds;
    if (gpus.value.some(({ power_capped }) => power_capped)) power_capped_s += seconds;
    const uuids = new Set(gpus.value.map(({ uuid }) => uuid));
    const all = processes.value.filter(({ uuid }) => uuids.has(uuid));
    const ours = all.length === 0 ? new Set<number>() : own();
    const here = all.filter(({ pid }) => !ours.has(pid));
    // A number that nobody has here is of another PID namespace, and may be our worker's: unless it was there before.
    const others = here.filter(({ pid }) => isHere(pid) || before.has(pid));
    const memory_bytes = others.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0);
    const value: OnGpu = {
      processes: others.length,
      memory_bytes,
      pids: others.map(({ pid }) => pid),
      partitioned: gpus.value.some(({ partitioned }) => partitioned),
    };
    if (most === null || value.processes > most.processes || memory_bytes > most.memory_bytes) most = value;
  };
  return {
    async prepare() {
      const found = hasGpu ? await source.processes() : absent('no NVIDIA GPU');
      before = new Set(found.value?.map(({ pid }) => pid));
    },
    look(own) {
      if (!hasGpu || asking || now() < due) return;
      asking = true;
      const begin = now();
      void Promise.all([source.states(), source.processes()])
        .then(([gpus, processes]) => note(gpus, processes, own))
        .catch((error: unknown) => (problem = String(error)))
        .finally(() => {
          due = begin + Math.max(EVERY_S, TIMES_ITS_DURATION * (now() - begin));
          asking = false;
        });
    },
    restart() {
      last = null;
      throttled_s = 0;
      power_capped_s = 0;
      most = null;
      due = now();
    },
    result() {
      const seconds = (value: number): Known<number> => {
        if (most === null) return absent(problem);
        return tellsReasons ? known(value) : absent('nvidia-smi tells no reason for the clocks');
      };
      return {
        others: most === null ? absent(problem) : known(most),
        throttled_s: seconds(throttled_s),
        power_capped_s: seconds(power_capped_s),
      };
    },
  };
}
