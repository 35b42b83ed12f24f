import { findProgram } from '../machine/program.ts';
import type { MachineDescription } from '../machine/description/describe.ts';
import type { Gpu } from '../machine/description/gpus.ts';
import { thisMachine } from '../machine/description/source.ts';
import type { MachineSource } from '../machine/description/source.ts';
import { absent, known } from '../base/known.ts';
import type { Known } from '../base/known.ts';
import { availableMemory } from '../machine/memory.ts';
import type { NvidiaSmi } from '../machine/nvidia-smi.ts';
import { otherProcesses } from '../machine/processes.ts';
import type { NamedProcess } from '../machine/processes.ts';
import { gpuProcesses } from '../machine/sensors/nvidia.ts';
import type { GpuProcess } from '../machine/sensors/nvidia.ts';
import { visibleAmong } from '../machine/vram.ts';

/** The facts that rules are checked against, at one moment. Those beyond the description are found when a rule asks, once. */
export interface Facts {
  machine: MachineDescription;
  /** The GPUs that a worker sees. */
  gpus: Known<Gpu[]>;
  freeBytes(): number;
  processes(): Promise<NamedProcess[]>;
  /** The path of a C++ compiler. */
  compiler(): string | null;
  /** Processes that compute on the GPUs of this machine. */
  gpuProcesses(): Promise<Known<GpuProcess[]>>;
}

export function factsOf(machine: MachineDescription, source: MachineSource = thisMachine): Facts {
  let processes: Promise<NamedProcess[]> | undefined;
  let computing: Promise<Known<GpuProcess[]>> | undefined;
  let freeBytes: number | undefined;
  return {
    machine,
    gpus: visibleGpus(machine),
    freeBytes: () => (freeBytes ??= availableMemory().bytes),
    processes: () => (processes ??= otherProcesses()),
    compiler: () => COMPILERS.map((name) => findProgram(name)).find((path) => path !== null) ?? null,
    gpuProcesses: () => (computing ??= gpuProcesses(asking(source))),
  };
}

const COMPILERS = ['c++', 'g++', 'clang++'];

/** The GPUs that a worker sees. */
export function visibleGpus({ gpus }: MachineDescription): Known<Gpu[]> {
  if (gpus.value === null) return gpus;
  const visible = visibleAmong(gpus.value);
  return visible === null ? absent('CUDA_VISIBLE_DEVICES names what nvidia-smi does not list') : known(visible);
}

const asking =
  (source: MachineSource): NvidiaSmi =>
  async (args) => {
    const { ok, stdout, problem } = await source.run('nvidia-smi', args);
    return ok ? known(stdout) : absent(`nvidia-smi: ${problem}`);
  };
