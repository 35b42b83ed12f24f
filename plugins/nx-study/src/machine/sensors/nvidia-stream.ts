import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { absent, known } from '../../base/known.ts';
import type { Known } from '../../base/known.ts';
import { visibleAmong } from '../vram.ts';

/** One reading of an NVIDIA GPU; null is a value that the driver doesn't give. */
export interface GpuSample {
  index: number;
  uuid: string;
  /** Since the generation Ampere the mean of the last second, mostly. */
  power_w: number | null;
  sm_clock_mhz: number | null;
  memory_clock_mhz: number | null;
  celsius: number | null;
  /** In use on the whole GPU, by anybody. */
  memory_used_bytes: number | null;
}

/** The readings of a program that runs beside a measurement and prints them once a second. */
export interface GpuStream {
  /** The last reading of each GPU that a worker sees, or why there is none. */
  latest(): Known<GpuSample[]>;
  close(): void;
}

const FIELDS = 'index,uuid,power.draw,clocks.sm,clocks.mem,temperature.gpu,memory.used';
// Two readings may be missed before the last one is too old.
const STALE_S = 3;

interface Options {
  program?: string;
  visible?: string;
  /** Seconds. */
  now?: () => number;
}

/**
 * Starts `nvidia-smi` with a period of 1 s. It writes a line for each GPU whatever these do, so that it ends by itself soon
 * after this process has died, as nobody reads its output. Never throws.
 */
export function streamGpus(options: Options = {}): GpuStream {
  const { program = 'nvidia-smi', visible, now = () => performance.now() / 1000 } = options;
  const samples = new Map<number, { at_s: number; sample: GpuSample }>();
  let problem = 'nvidia-smi has printed nothing yet';
  let child: ChildProcess | null = null;
  try {
    child = spawn(program, [`--query-gpu=${FIELDS}`, '--format=csv,noheader,nounits', '--loop=1'], {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, LC_ALL: 'C' },
    });
  } catch (error) {
    problem = `${program}: ${(error as Error).message}`;
  }
  child?.on('error', (error) => (problem = `${program}: ${error.message}`));
  child?.once('exit', (code, signal) => (problem = `nvidia-smi ended with ${signal ?? `exit code ${code}`}`));
  child?.unref();
  if (child?.stdout)
    createInterface({ input: child.stdout }).on('line', (line) => {
      const sample = parseSample(line);
      if (sample !== null) samples.set(sample.index, { at_s: now(), sample });
    });
  return {
    latest() {
      const fresh = [...samples.values()].filter(({ at_s }) => now() - at_s < STALE_S).map(({ sample }) => sample);
      if (fresh.length === 0) return absent(problem);
      return known(visibleAmong(fresh, visible) ?? fresh);
    },
    close() {
      child?.kill();
      child?.stdout?.destroy();
    },
  };
}

/** A line of comma-separated values without units; null for anything else, such as an error message. */
export function parseSample(line: string): GpuSample | null {
  const cells = line.split(',').map((cell) => cell.trim());
  const [index, uuid, power_w, sm, memory, celsius, mib] = cells;
  if (cells.length !== FIELDS.split(',').length || !/^\d+$/.test(index!)) return null;
  const used_mib = numberOf(mib!);
  return {
    index: Number(index),
    uuid: uuid!,
    power_w: numberOf(power_w!),
    sm_clock_mhz: numberOf(sm!),
    memory_clock_mhz: numberOf(memory!),
    celsius: numberOf(celsius!),
    memory_used_bytes: used_mib === null ? null : used_mib * 2 ** 20,
  };
}

/** `[N/A]`, `[Not Supported]` and the like are no numbers. */
export const numberOf = (cell: string): number | null =>
  cell !== '' && Number.isFinite(Number(cell)) ? Number(cell) : null;
