import type { Available } from './memory.ts';
import { nvidiaSmi } from './nvidia-smi.ts';
import { sum } from '../base/sum.ts';

export interface GpuMemory {
  index: number;
  uuid: string;
  total_bytes: number;
  free_bytes: number;
}

const QUERY = ['--query-gpu=index,uuid,memory.total,memory.free', '--format=csv,noheader,nounits'];

/** Memory of the NVIDIA GPUs that a worker sees, as `nvidia-smi` reports it now; null when it reports none, or CUDA_VISIBLE_DEVICES names an unknown one. */
export async function gpuMemory(
  ask = nvidiaSmi(),
  visible = process.env['CUDA_VISIBLE_DEVICES'],
): Promise<GpuMemory[] | null> {
  const { value } = await ask(QUERY);
  if (value === null) return null;
  const gpus = value.split('\n').flatMap((line) => gpuOf(line) ?? []);
  return gpus.length === 0 ? null : visibleAmong(gpus, visible);
}

/** The free memory of the `used` emptiest GPUs together, for a worker that spreads over them. */
export function availableVram(gpus: GpuMemory[], used: number): Available {
  const emptiest = gpus
    .map(({ free_bytes }) => free_bytes)
    .toSorted((a, b) => b - a)
    .slice(0, used);
  return { bytes: sum(emptiest), bound: used > 1 ? `free memory of ${used} GPUs` : 'free GPU memory' };
}

// Sizes are in MiB; a partitioned GPU says `[N/A]` or `[Insufficient Permissions]`.
function gpuOf(line: string): GpuMemory | null {
  const [index, uuid, total, free] = line.split(',').map((part) => part.trim());
  const sizes = [total, free].map(Number);
  if (uuid === undefined || !sizes.every((size) => Number.isFinite(size))) return null;
  return { index: Number(index), uuid, total_bytes: sizes[0]! * 2 ** 20, free_bytes: sizes[1]! * 2 ** 20 };
}

/** The GPUs that CUDA_VISIBLE_DEVICES names; none for '' and -1, null when it names one that isn't listed, such as a part of a GPU. */
export function visibleAmong<T extends Pick<GpuMemory, 'index' | 'uuid'>>(
  gpus: T[],
  visible = process.env['CUDA_VISIBLE_DEVICES'],
): T[] | null {
  if (visible === undefined) return gpus;
  if (['', '-1'].includes(visible.trim())) return [];
  const named = visible.split(',').map((name) => name.trim());
  const isNamed = ({ index, uuid }: T, name: string) =>
    name === String(index) || (name !== '' && uuid.startsWith(name));
  const found = named.map((name) => gpus.find((gpu) => isNamed(gpu, name)));
  return found.every((gpu) => gpu !== undefined) ? found : null;
}
