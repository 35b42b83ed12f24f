import { z } from 'zod';
import { readHostFile, writeHostFile } from '../../machine/host-file.ts';
import { nvidiaSmi } from '../../machine/nvidia-smi.ts';
import { processIdentity } from '../../machine/process.ts';
import { gpuProcesses } from '../../machine/sensors/nvidia.ts';
import type { GpuProcess } from '../../machine/sensors/nvidia.ts';
import { gpuMemory } from '../../machine/vram.ts';
import { waitForAbort } from '../../base/wait.ts';
import { kernelClock, mayHaveEscaped } from './escaped.ts';

/** GPU memory that a worker took, and that was not given back after its end. */
export interface HeldMemory {
  bytes: number;
  waited_s: number;
  /** The processes that use it, as far as the driver names them. */
  holders: GpuProcess[];
  /** Why no process can be named; null where the driver lists all. */
  reason: string | null;
}

export interface VramOptions {
  hasGpu: boolean;
  boot: string;
  stop: AbortSignal;
  ask?: ReturnType<typeof nvidiaSmi>;
  longest_s?: number;
}

const schema = z.object({
  boot: z.string(),
  /** Before the worker began. */
  gpus: z.array(z.object({ uuid: z.string(), free_bytes: z.number() })),
  processes: z.array(z.object({ uuid: z.string(), pid: z.number(), bytes: z.number().nullable() })),
  /** The worker's processes that outlived it, and computed on a GPU. */
  left: z.array(z.object({ pid: z.number(), start_time: z.string() })),
});
type Before = z.infer<typeof schema>;

// Beside the device lock, for the next measurement may be one of another process, run or user.
const FILE = 'gpu-memory.json';
// The driver frees a killed process's memory some seconds later.
const LONGEST_WAIT_S = 30;
const POLL_MS = 1000;
// Drivers keep some MiB once they were used.
const SLACK_BYTES = 256 * 2 ** 20;

/**
 * Notes what the GPUs have free before a worker begins. Returns what waits, once it has ended, until as much is free
 * again; what is not stays noted. null on a machine without NVIDIA GPUs, or where they can't be asked.
 */
export async function noteVram(options: VramOptions) {
  const { hasGpu, boot, stop, ask = nvidiaSmi({ signal: stop }) } = options;
  const gpus = hasGpu ? await gpuMemory(ask) : null;
  if (gpus === null || gpus.length === 0) return null;
  const before: Before = { boot, gpus, processes: (await gpuProcesses(ask)).value ?? [], left: [] };
  const since_s = kernelClock();
  writeHostFile(FILE, before);
  /** `own`: the processes that belong to the measurement. Returns null after a stop. */
  return async (own: () => Set<number>): Promise<HeldMemory | null> => {
    const isOwn = () => {
      const seen = own();
      return (pid: number) => seen.has(pid) || mayHaveEscaped(pid, since_s);
    };
    const held = await untilRestored(before, isOwn, options);
    if (held !== null) writeHostFile(FILE, { ...before, left: await livingAmong(held.holders) });
    return held;
  };
}

/** Waits for what an earlier worker on this host has not given back, for some time; null when nothing is held. */
export async function heldVram(options: VramOptions): Promise<HeldMemory | null> {
  const before = options.hasGpu ? await readHostFile(FILE, schema) : null;
  if (before === null || before.boot !== options.boot) return null;
  const left = await Promise.all(
    before.left.map(async ({ pid, start_time }) => ((await processIdentity(pid))?.startTime === start_time ? pid : [])),
  );
  const alive = new Set(left.flat());
  return untilRestored(before, () => (pid) => alive.has(pid), options);
}

/** Finds, each time anew, which processes are the worker's. */
type FindOwn = () => (pid: number) => boolean;

async function untilRestored(before: Before, findOwn: FindOwn, options: VramOptions): Promise<HeldMemory | null> {
  const { stop, ask = nvidiaSmi({ signal: stop }), longest_s = LONGEST_WAIT_S } = options;
  const begin = performance.now();
  for (;;) {
    const held = await heldNow(before, findOwn, ask);
    if (stop.aborted || held === 'unknown') return null;
    if (held === null) {
      writeHostFile(FILE, {});
      return null;
    }
    const waited_s = (performance.now() - begin) / 1000;
    if (waited_s > longest_s) return { ...held, waited_s };
    if (await waitForAbort(stop, POLL_MS)) return null;
  }
}

async function heldNow(
  before: Before,
  findOwn: FindOwn,
  ask: ReturnType<typeof nvidiaSmi>,
): Promise<Omit<HeldMemory, 'waited_s'> | null | 'unknown'> {
  const gpus = await gpuMemory(ask);
  if (gpus === null) return 'unknown';
  const free = new Map(gpus.map(({ uuid, free_bytes }) => [uuid, free_bytes]));
  const missing = before.gpus.map(({ uuid, free_bytes }) => free_bytes - (free.get(uuid) ?? free_bytes));
  if (missing.every((bytes) => bytes <= SLACK_BYTES)) return null;

  const listed = await gpuProcesses(ask);
  const onThese = (listed.value ?? []).filter(({ uuid }) => before.gpus.some((gpu) => gpu.uuid === uuid));
  const isOwn = onThese.length === 0 ? null : findOwn();
  const here = await Promise.all(onThese.map(async ({ pid }) => ((await isHere(pid)) ? pid : [])));
  const others = new Set(here.flat().filter((pid) => !isOwn?.(pid)));
  const takenByOthers = (gpu: string) =>
    onThese
      .filter(({ uuid, pid }) => uuid === gpu && others.has(pid))
      .reduce((sum, one) => sum + growthOf(one, before), 0);
  const bytes = before.gpus.reduce((sum, { uuid }, at) => sum + Math.max(0, missing[at]! - takenByOthers(uuid)), 0);
  if (bytes <= SLACK_BYTES) return null;
  const wasThere = ({ pid }: GpuProcess) => before.processes.some((one) => one.pid === pid);
  const holders = onThese.filter((one) => !others.has(one.pid) && !wasThere(one));
  return { bytes, holders, reason: listed.reason };
}

/** What a process took since; one whose memory is unknown, and that wasn't there before, may have taken all. */
function growthOf({ uuid, pid, bytes }: GpuProcess, { processes }: Before): number {
  const before = processes.find((one) => one.pid === pid && one.uuid === uuid);
  if (bytes === null) return before ? 0 : Infinity;
  return before ? Math.max(0, bytes - (before.bytes ?? bytes)) : bytes;
}

// A number that nobody has here is of a process that has ended, or of another PID namespace.
const isHere = async (pid: number): Promise<boolean> => (await processIdentity(pid)) !== null;

async function livingAmong(holders: GpuProcess[]): Promise<Before['left']> {
  const found = await Promise.all(holders.map(({ pid }) => processIdentity(pid)));
  return found.flatMap((one) => (one === null ? [] : { pid: one.pid, start_time: one.startTime }));
}
