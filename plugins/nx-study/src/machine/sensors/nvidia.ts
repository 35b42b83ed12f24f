import { absent, known } from '../../base/known.ts';
import type { Known } from '../../base/known.ts';
import { nvidiaSmi } from '../nvidia-smi.ts';
import { visibleAmong } from '../vram.ts';
import { numberOf } from './nvidia-stream.ts';

/** The present state of an NVIDIA GPU as `nvidia-smi` reports it. */
export interface GpuState {
  index: number;
  uuid: string;
  celsius: number | null;
  sm_clock_mhz: number | null;
  /** Slowed down for its heat, by a power brake or by the hardware's own protection; null where it isn't reported. */
  throttled: boolean | null;
  /** Kept at its power limit: the usual state of a GPU that works hard. */
  power_capped: boolean | null;
  /** Whether it is divided into parts (MIG). */
  partitioned: boolean;
}

/** A process that computes on a GPU; the driver doesn't report on which part of a partitioned one. */
export interface GpuProcess {
  uuid: string;
  /** As the driver counts: of another PID namespace than ours, where this is a container. */
  pid: number;
  bytes: number | null;
  /** Of its program, as far as the driver reports it. */
  name: string;
}

const STATE = 'index,uuid,temperature.gpu,clocks.sm,clocks_throttle_reasons.active,mig.mode.current';
// Newer drivers call it by this name, and know the older one still.
const NEWER_STATE = STATE.replace('clocks_throttle_reasons', 'clocks_event_reasons');
const PROCESSES = 'gpu_uuid,pid,used_memory,process_name';
const FORM = '--format=csv,noheader,nounits';

// nvml.h: NVML_CLOCKS_THROTTLE_REASON_*
const SW_POWER_CAP = 0x4n;
const SLOWED = 0x8n | 0x20n | 0x40n | 0x80n;

/** The GPUs that a worker sees, or all where that is not known. */
export async function gpuStates(ask = nvidiaSmi(), visible?: string): Promise<Known<GpuState[]>> {
  let text = await ask([`--query-gpu=${STATE}`, FORM]);
  if (text.value === null) text = await ask([`--query-gpu=${NEWER_STATE}`, FORM]);
  if (text.value === null) return text;
  const gpus = parseStates(text.value);
  return gpus.length === 0 ? absent('nvidia-smi lists no GPU') : known(visibleAmong(gpus, visible) ?? gpus);
}

/** The processes that compute on any GPU of this machine. */
export async function gpuProcesses(ask = nvidiaSmi()): Promise<Known<GpuProcess[]>> {
  const text = await ask([`--query-compute-apps=${PROCESSES}`, FORM]);
  return text.value === null ? text : known(parseProcesses(text.value));
}

export function parseStates(csv: string): GpuState[] {
  return rowsOf(csv, 6).map(([index, uuid, celsius, clock, reasons, mig]) => {
    const active = /^0x[0-9a-f]+$/i.test(reasons!) ? BigInt(reasons!) : null;
    return {
      index: Number(index),
      uuid: uuid!,
      celsius: numberOf(celsius!),
      sm_clock_mhz: numberOf(clock!),
      throttled: active === null ? null : (active & SLOWED) !== 0n,
      power_capped: active === null ? null : (active & SW_POWER_CAP) !== 0n,
      partitioned: mig === 'Enabled',
    };
  });
}

export function parseProcesses(csv: string): GpuProcess[] {
  return linesOf(csv).flatMap(([uuid, pid, mib, ...name]) => {
    const number = Number(pid);
    if (name.length === 0 || !Number.isInteger(number)) return [];
    const memory = numberOf(mib!);
    const bytes = memory === null ? null : memory * 2 ** 20;
    // Names may contain commas.
    return { uuid: uuid!, pid: number, bytes, name: name.join(',') };
  });
}

const rowsOf = (csv: string, columns: number): string[][] => linesOf(csv).filter((cells) => cells.length === columns);

const linesOf = (csv: string): string[][] => csv.split('\n').map((line) => line.split(',').map((cell) => cell.trim()));
