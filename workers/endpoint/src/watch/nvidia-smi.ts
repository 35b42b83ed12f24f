import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { clock_s } from '../../../kits/node/inference/time.ts';
import { together } from './gpu-reading.ts';
import type { GpuReading, GpuReadings, GpuValues } from './gpu-reading.ts';
import type { NoPage } from './page.ts';

const FIELDS = 'index,uuid,power.draw,memory.used,utilization.gpu,clocks.sm';

/**
 * Reads the GPUs of this machine, of which `visible` names some, with a program that prints them once a period. It ends with this
 * process, for nobody reads its output then. Never rejects.
 */
export async function streamSmi(
  period_s: number,
  program = 'nvidia-smi',
  visible = process.env['CUDA_VISIBLE_DEVICES'],
): Promise<() => Promise<GpuReadings | NoPage>> {
  const readings: GpuReading[] = [];
  const present = new Map<string, GpuValues>();
  let began_s = 0;
  let problem = 'nvidia-smi printed nothing that is known';
  const period_ms = Math.round(1000 * period_s);
  const child = spawn(program, [`--query-gpu=${FIELDS}`, '--format=csv,noheader,nounits', `--loop-ms=${period_ms}`], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, LC_ALL: 'C' },
  });
  child.on('error', (error: NodeJS.ErrnoException) => {
    problem = error.code === 'ENOENT' ? 'this machine has no nvidia-smi' : error.message;
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const complete = () => {
    // One that was cut off by the end lacks GPUs: their sum would be too low.
    if (present.size > 0 && present.size >= (readings.at(-1)?.gpus ?? 0))
      readings.push(together(began_s, [...present.values()]));
    present.clear();
  };
  createInterface({ input: child.stdout }).on('line', (line) => {
    const gpu = gpuOf(line);
    if (gpu === null || !isVisible(gpu, visible)) return;
    // All GPUs are printed in turn; the first one begins the next reading.
    if (present.has(gpu.uuid)) complete();
    if (present.size === 0) began_s = clock_s();
    present.set(gpu.uuid, gpu.values);
  });
  return async () => {
    child.kill();
    // In a driver that hangs it can't be ended.
    await Promise.race([ended, sleep(PATIENCE_MS, undefined, { ref: false })]);
    complete();
    return readings.length === 0 ? { reason: problem } : { source: 'nvidia-smi', period_s, failed: 0, readings };
  };
}

const PATIENCE_MS = 3000;

interface Gpu {
  index: string;
  uuid: string;
  values: GpuValues;
}

/** null for anything but a line of values, such as an error message. */
function gpuOf(line: string): Gpu | null {
  const cells = line.split(',').map((cell) => cell.trim());
  const [index, uuid, power, memory, utilisation, clock] = cells;
  if (cells.length !== FIELDS.split(',').length || !/^\d+$/.test(index!)) return null;
  const mib = numberOf(memory!);
  const values = {
    power_w: numberOf(power!),
    memory_bytes: mib === null ? null : mib * 2 ** 20,
    utilisation_percent: numberOf(utilisation!),
    sm_clock_mhz: numberOf(clock!),
  };
  return { index: index!, uuid: uuid!, values };
}

/** `[N/A]`, `[Not Supported]` and the like are no numbers. */
const numberOf = (cell: string): number | null => (cell !== '' && Number.isFinite(Number(cell)) ? Number(cell) : null);

function isVisible({ index, uuid }: Gpu, visible: string | undefined): boolean {
  if (visible === undefined) return true;
  return visible
    .split(',')
    .some((name) => name.trim() === index || (name.trim() !== '' && uuid.startsWith(name.trim())));
}
