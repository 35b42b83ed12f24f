import { createRequire } from 'node:module';
import { join } from 'node:path';

export const LIBRARY = 'libnvidia-ml.so.1';

const NOT_SUPPORTED = 3;
const INSUFFICIENT_SIZE = 7;
const NOT_AVAILABLE = 2n ** 64n - 1n;
const PROCESS_BYTES = 24; // nvmlProcessInfo_t: pid, used bytes from 8 on, two instance numbers

/** What is used of koffi, which calls C functions. */
interface Koffi {
  load(library: string): { func(prototype: string): (...args: unknown[]) => unknown };
}

/** A call that NVML refused; `code` is its own. */
export class NvmlError extends Error {
  readonly code: number;

  constructor(name: string, code: number) {
    super(`${name} returned ${code}`);
    this.code = code;
  }
}

/** One GPU. */
export interface Device {
  /** Since the driver was loaded, in µJ; the counter itself moves about ten times a second. */
  energy_uj(): number;
  /** In use on the whole device. */
  usedBytes(): number;
  /** In use by a process; null where the driver doesn't tell, or doesn't see it, as in a container. */
  processBytes(pid: number): number | null;
}

/** NVIDIA's management library, straight from the driver, or the reason why there is none. */
export type Nvml = { device(gpu: number | string): Device } | { reason: string };

/** `modules`: a node_modules folder in which koffi may lie. */
export function openNvml(modules: string | undefined, library: string = LIBRARY): Nvml {
  const koffi = loadKoffi(modules);
  if (koffi === null) return { reason: 'nvml_missing: koffi is not among the packages of this worker' };
  try {
    const call = caller(koffi.load(library));
    call('int nvmlInit_v2()');
    return { device: (gpu) => deviceOf(call, gpu) };
  } catch (error) {
    return { reason: `nvml_missing: ${error instanceof Error ? error.message : String(error)}` };
  }
}

function loadKoffi(modules: string | undefined): Koffi | null {
  try {
    return createRequire(join(modules ?? import.meta.dirname, 'from.js'))('koffi') as Koffi;
  } catch {
    return null;
  }
}

type Call = (prototype: string, ...args: unknown[]) => void;

function caller(library: ReturnType<Koffi['load']>): Call {
  const functions = new Map<string, (...args: unknown[]) => unknown>();
  return (prototype, ...args) => {
    const name = /\w+(?=\()/.exec(prototype)![0];
    if (!functions.has(prototype)) functions.set(prototype, bind(library, prototype));
    const code = functions.get(prototype)!(...args);
    if (code !== 0) throw new NvmlError(name, Number(code));
  };
}

function bind(library: ReturnType<Koffi['load']>, prototype: string): (...args: unknown[]) => unknown {
  try {
    return library.func(prototype);
  } catch {
    return () => NOT_SUPPORTED; // an older driver
  }
}

function deviceOf(call: Call, gpu: number | string): Device {
  const named = visible(gpu);
  const out = Buffer.alloc(8);
  if (/^\d+$/.test(named)) call('int nvmlDeviceGetHandleByIndex_v2(uint32_t index, void *device)', Number(named), out);
  else call('int nvmlDeviceGetHandleByUUID(const char *uuid, void *device)', named, out);
  const handle = out.readBigUInt64LE();
  const value = Buffer.alloc(24);
  return {
    energy_uj() {
      call('int nvmlDeviceGetTotalEnergyConsumption(uint64_t device, void *millijoules)', handle, value);
      return Number(value.readBigUInt64LE()) * 1000;
    },
    usedBytes() {
      call('int nvmlDeviceGetMemoryInfo(uint64_t device, void *memory)', handle, value);
      return Number(value.readBigUInt64LE(16)); // after total and free
    },
    processBytes(pid) {
      const bytes = processes(call, handle)?.find((one) => one.pid === pid)?.bytes ?? NOT_AVAILABLE;
      return bytes === NOT_AVAILABLE ? null : Number(bytes);
    },
  };
}

/** null where the driver has no such list: an older one, or a part of a GPU. */
function processes(call: Call, handle: bigint): { pid: number; bytes: bigint }[] | null {
  for (let size = 64; ; size *= 2) {
    const count = Buffer.alloc(4);
    count.writeUInt32LE(size);
    const entries = Buffer.alloc(size * PROCESS_BYTES);
    try {
      const prototype = 'int nvmlDeviceGetComputeRunningProcesses_v3(uint64_t device, void *count, void *infos)';
      call(prototype, handle, count, entries);
    } catch (error) {
      if (!(error instanceof NvmlError)) throw error;
      if (error.code === INSUFFICIENT_SIZE) continue;
      return null;
    }
    return Array.from({ length: count.readUInt32LE() }, (_, index) => ({
      pid: entries.readUInt32LE(index * PROCESS_BYTES),
      bytes: entries.readBigUInt64LE(index * PROCESS_BYTES + 8),
    }));
  }
}

/**
 * What NVML knows a CUDA ordinal by: ordinals count the visible devices only. NVML orders by PCI bus, CUDA does with
 * `CUDA_DEVICE_ORDER: PCI_BUS_ID` in the worker's `env`.
 */
function visible(gpu: number | string): string {
  if (typeof gpu === 'string') return gpu;
  const entries = (process.env.CUDA_VISIBLE_DEVICES ?? '').split(',').map((entry) => entry.trim());
  return entries.filter((entry) => entry !== '')[gpu] ?? String(gpu);
}
