import { z } from 'zod';

const count = z.int().min(1);
const workload = { batch_size: count, prompt_tokens: z.int().min(0), new_tokens: z.int().min(0) };

/** The settings that memory depends on, under the names that all workers of this kind use. */
export const memorySettingsSchema = z.looseObject({
  model: z.union([z.string(), z.record(z.string(), z.unknown())]),
  device: z.string().default('cpu'),
  ...workload,
  workloads: z.array(z.looseObject(workload).partial()).min(1).nullable().default(null),
  /** Tokens for which a sequence has room. */
  context_size: count.nullable().default(null),
  kv_cache_key: z.string().nullable().default(null),
  kv_cache_value: z.string().nullable().default(null),
  kv_cache_dtype: z.string().nullable().default(null),
  /** How the engine keeps keys and values, where it has several ways. */
  cache: z.string().nullable().default(null),
  /** Bytes that the engine sets aside for keys and values on each device, however many it needs. */
  kv_cache_memory_bytes: count.nullable().default(null),
  compute_dtype: z.string().nullable().default(null),
  quantisation: z.string().nullable().default(null),
  /** Under vLLM's own name. Only the engine knows which weights it packs, and how tightly. */
  quantization: z.string().nullable().default(null),
  gpu_layers: z
    .union([z.int().min(0), z.string()])
    .nullable()
    .default(null),
  cpu_offload_gb: z.number().min(0).default(0),
  /** The share of a GPU's memory, 0 to 1, that the engine reserves at its start; everything has to fit into it. */
  gpu_memory_utilization: z.number().positive().max(1).nullable().default(null),
  tensor_parallel_size: count.default(1),
  pipeline_parallel_size: count.default(1),
});
export type MemorySettings = z.infer<typeof memorySettingsSchema>;

/** The workloads that share one load, with the settings of the whole where they set nothing. */
export function workloadsOf({ workloads, ...whole }: MemorySettings) {
  return (workloads ?? [{}]).map((own) => ({
    batch_size: own.batch_size ?? whole.batch_size,
    prompt_tokens: own.prompt_tokens ?? whole.prompt_tokens,
    new_tokens: own.new_tokens ?? whole.new_tokens,
  }));
}
