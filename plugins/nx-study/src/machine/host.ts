import { closeSync, openSync, readFileSync, readSync, readdirSync } from 'node:fs';
import { arch, cpus, totalmem, type as systemType } from 'node:os';
import { join } from 'node:path';
import { countCpus } from './cpus.ts';
import { orNull } from '../base/errno.ts';

// Type aliases, not interfaces, so that they are JSON objects.
export type Accelerator = { vendor: 'nvidia'; model: string; driver: string | null };

/** The facts by which one machine measures differently from another; the identity of a study with `platform: host`. */
export type HostFingerprint = {
  cpu: string;
  /** CPUs that are online, whatever this process may use. */
  cores: number;
  /** Installed memory, rounded up to a usual size. */
  memory_class_gib: number;
  arch: string;
  system: string;
  accelerators: Accelerator[];
};

export interface HostRoots {
  proc?: string;
  sys?: string;
}

/** The fingerprint of this machine. Reads a few small files and starts no process. */
export async function hostFingerprint({ proc = '/proc', sys = '/sys' }: HostRoots = {}): Promise<HostFingerprint> {
  return {
    cpu: cpuModel(proc),
    cores: onlineCpus(sys),
    memory_class_gib: memoryClassGib(totalmem()),
    arch: arch(),
    system: systemType(),
    accelerators: nvidiaAccelerators(proc),
  };
}

const GIB = 2 ** 30;
const MEMORY_CLASSES_GIB = [1, 2, 4, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768];

/** Firmware and kernel keep some memory to themselves, so that 16 GiB read as 15.4. */
export function memoryClassGib(bytes: number): number {
  const gib = bytes / GIB;
  return MEMORY_CLASSES_GIB.find((size) => gib <= size) ?? 1024 * Math.ceil(gib / 1024);
}

// os.cpus() reads every core's clock and counters: milliseconds on a large host.
function cpuModel(proc: string): string {
  const head = readHead(join(proc, 'cpuinfo'));
  if (head === null) return cpus()[0]?.model.trim() ?? 'unknown';
  const field = (name: string) => new RegExp(`^${name}\\s*:\\s*(.+)$`, 'm').exec(head)?.[1]?.trim();
  const arm = [field('CPU implementer'), field('CPU part')].filter((part) => part !== undefined);
  return field('model name') ?? (arm.length > 0 ? `arm ${arm.join(' ')}` : (cpus()[0]?.model ?? 'unknown'));
}

function onlineCpus(sys: string): number {
  const list = read(join(sys, 'devices/system/cpu/online'));
  return (list === null ? 0 : countCpus(list)) || cpus().length;
}

/** The NVIDIA GPUs that the kernel's driver drives. */
export function nvidiaAccelerators(proc = '/proc'): Accelerator[] {
  const folder = join(proc, 'driver/nvidia');
  const names = orNull(() => readdirSync(join(folder, 'gpus'))) ?? [];
  const driver = driverVersion(read(join(folder, 'version')));
  const models = names.map((name) => read(join(folder, 'gpus', name, 'information')) ?? '').map(gpuModel);
  return models.toSorted().map((model) => ({ vendor: 'nvidia', model, driver }));
}

const gpuModel = (information: string): string => /^Model:\s*(.+)$/m.exec(information)?.[1]?.trim() ?? 'unknown';

// `NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.15  Tue …`, or `… Open Kernel Module for x86_64  …`
const driverVersion = (version: string | null): string | null =>
  /^NVRM version:.*?\s(\d+(?:\.\d+)+)\s/m.exec(version ?? '')?.[1] ?? null;

const read = (path: string): string | null => orNull(() => readFileSync(path, 'utf8'));

function readHead(path: string): string | null {
  const fd = orNull(() => openSync(path, 'r'));
  if (fd === null) return null;
  const buffer = Buffer.alloc(4096);
  const length = readSync(fd, buffer);
  closeSync(fd);
  return buffer.toString('utf8', 0, length);
}
