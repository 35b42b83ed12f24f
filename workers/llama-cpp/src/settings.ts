import { Unsupported } from '../../kits/node/index.ts';
import type { Workload } from '../../kits/node/inference/index.ts';
import type { Configuration } from '../config.d.ts';
import type { Gpu } from './binding.ts';

type Complete = Required<Configuration>;

/** Pieces of a prompt that are read in one pass; llama.cpp's own default. */
export const BATCH_TOKENS = 512;

/** The device to compute on; `installed` are the GPUs that there are binaries for. */
export function gpuOf({ device }: Pick<Complete, 'device'>, installed: string[]): Gpu {
  if (device !== 'auto') return device === 'cpu' ? false : device;
  return (['cuda', 'metal'] as const).find((gpu) => installed.includes(gpu)) ?? false;
}

/**
 * Refuses a GPU that llama.cpp would not compute on: where there is none the binding takes the CPU, and tells nobody.
 * `started` is the backend it started, and `names` are the GPUs that this one found: Vulkan's starts without any, too.
 */
export function checkDevice(gpu: Gpu, started: Gpu, names: readonly string[]): void {
  if (started === gpu && (gpu === false || names.length > 0)) return;
  throw new Unsupported(
    `device: ${gpu || 'cpu'} is to compute, but llama.cpp ${found(started, names)} on this machine ` +
      `(${process.platform}-${process.arch}); choose another device, or measure on another machine`,
  );
}

function found(started: Gpu, names: readonly string[]): string {
  if (started === false) return 'starts on the CPU';
  return names.length === 0 ? `finds no GPU for ${started}` : `starts on ${started}`;
}

/** Threads to compute with, within the allowed CPUs; `warn` is told when no CPU is left for the event loop. */
export function threadsOf(
  { threads }: Pick<Complete, 'threads'>,
  cpus: number,
  warn: (code: string, message: string) => void,
): number {
  const chosen = threads ?? Math.max(1, cpus - 1);
  if (chosen > cpus)
    throw new Unsupported(
      `threads: ${chosen}, but only ${cpus} CPUs are allowed: threads wait for each other by spinning, and with fewer ` +
        'CPUs than threads that takes a hundred times as long; ask for no more threads than CPUs',
    );
  if (chosen === cpus)
    warn(
      'threads-fill-cores',
      `${chosen} threads on ${cpus} allowed CPUs: none is left for Node's event loop, which each token passes through. ` +
        'Decoding is slowed down, and stalls; leave out `threads` for one less',
    );
  return chosen;
}

/** Sequences and room for each; throws where the asked room is too small for a workload. */
export function roomOf(
  { context_size }: Pick<Complete, 'context_size'>,
  workloads: Workload[],
): { sequences: number; contextSize: number } {
  const sequences = Math.max(...workloads.map(({ batchSize }) => batchSize));
  const longest = Math.max(...workloads.map(({ promptTokens, newTokens }) => promptTokens + newTokens));
  if (context_size !== null && context_size < longest)
    throw new Unsupported(
      `context_size: ${context_size} tokens, but a workload needs ${longest} (prompt and new tokens); ` +
        'ask for that many, or leave the setting out',
    );
  return { sequences, contextSize: context_size ?? longest };
}

/** Refuses what llama.cpp would refuse, before a model is loaded. */
export function checkCombination(configuration: Complete, gpu: Gpu): void {
  const { flash_attention, kv_cache_value, gpu_layers } = configuration;
  if (flash_attention === false && !['f32', 'f16', 'bf16'].includes(kv_cache_value))
    throw new Unsupported(
      `kv_cache_value: ${kv_cache_value} with flash_attention: false; llama.cpp reads a quantised value cache only ` +
        'through flash attention: allow it, or cache values as f16',
    );
  if (gpu === false && gpu_layers)
    throw new Unsupported(`gpu_layers: ${gpu_layers}, but the model computes on the CPU; ask for a GPU as \`device\``);
}
