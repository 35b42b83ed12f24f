import { existsSync } from 'node:fs';
import { nvidiaAccelerators } from './host.ts';
import { nvidiaSmi } from './nvidia-smi.ts';
import { visibleAmong } from './vram.ts';

/** What a worker can compute on. */
export interface MachineFacts {
  /** Operating system and processor, as Node names them, such as `linux-x64`. */
  system: string;
  /** The NVIDIA GPUs that a worker sees; null where CUDA_VISIBLE_DEVICES names what nvidia-smi doesn't list. */
  gpus: number | null;
  /** The lowest among them, such as 8.6; null where nothing tells. */
  compute_capability: number | null;
}

export async function machineFacts(ask = nvidiaSmi(), mayHave = mayHaveGpu()): Promise<MachineFacts> {
  return { system: `${process.platform}-${process.arch}`, ...(await visibleGpus(ask, mayHave)) };
}

/** Asks `nvidia-smi` where there may be an NVIDIA GPU. */
async function visibleGpus(ask: ReturnType<typeof nvidiaSmi>, mayHave: boolean): Promise<Omit<MachineFacts, 'system'>> {
  if (!mayHave) return { gpus: 0, compute_capability: null };
  const { value } = await ask(['--query-gpu=index,uuid,compute_cap', '--format=csv,noheader']);
  const listed = (value ?? '').split('\n').flatMap((line) => {
    const [index, uuid, capability] = line.split(',').map((part) => part.trim());
    return uuid === undefined ? [] : [{ index: Number(index), uuid, capability: Number(capability) }];
  });
  const visible = listed.length === 0 ? null : visibleAmong(listed);
  if (visible === null) return { gpus: null, compute_capability: null };
  const lowest = Math.min(...visible.map(({ capability }) => capability));
  return { gpus: visible.length, compute_capability: Number.isFinite(lowest) ? lowest : null };
}

/** Whether the driver has left any trace: in WSL and on boards with a GPU within the processor it lists none under /proc. */
const mayHaveGpu = (): boolean => nvidiaAccelerators().length > 0 || TRACES.some((path) => existsSync(path));

const TRACES = ['/dev/nvidiactl', '/dev/nvhost-gpu', '/dev/nvgpu', '/dev/dxg'];
