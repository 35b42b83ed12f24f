import { z } from 'zod';

/** The memory estimate and the available memory before the start; bytes. */
export const memorySchema = z.strictObject({
  estimate_bytes: z.number().describe('The memory estimate: a lower bound.'),
  gpus: z.number().default(0).describe("How many GPUs share it; 0 is the host's own memory."),
  terms: z.array(z.strictObject({ name: z.string(), bytes: z.number() })).describe('The parts of the estimate.'),
  omitted: z.array(z.strictObject({ name: z.string(), reason: z.string() })).describe('Parts that are not in it.'),
  available_bytes: z.number().describe('What was free before the start.'),
  bound: z.string().describe('What limits the free memory, such as a control group.'),
});
export type MemoryComparison = z.infer<typeof memorySchema>;

/** The rules of the study's platform, checked right before the start. */
export const platformSchema = z.strictObject({
  profile: z.string().describe('The name of the file in studies/platforms.'),
  checks: z.array(
    z.strictObject({
      rule: z.string(),
      level: z.enum(['refuse', 'warn']),
      state: z.enum(['met', 'unmet', 'overridden']),
      needs: z.string(),
      found: z.string(),
    }),
  ),
});

/** The rest before the start: how long, until what, and why. */
export const coolDownSchema = z.strictObject({
  waited_s: z.number(),
  reason: z.string().describe('Why it waited so long, for people.'),
  criterion: z
    .enum(['none', 'time', 'temperature', 'others-cpu'])
    .nullable()
    .default(null)
    .describe(
      'What decided that the machine had recovered: its temperature, or where it has no sensor the CPU time of other processes.',
    ),
  readings: z
    .array(z.strictObject({ name: z.string(), value: z.number(), limit: z.number(), unit: z.string() }))
    .default([])
    .describe('The last readings, each with the limit that it had to fall to.'),
  ended_by: z
    .enum(['nothing', 'min', 'band', 'max', 'stop'])
    .nullable()
    .default(null)
    .describe('What ended the gap. `max`: the longest gap was over, and the machine had not recovered.'),
});
export type CoolDown = z.infer<typeof coolDownSchema>;

/** Who else used the machine after the worker's preparation, and whether it was slowed down. */
export const watchSchema = z.strictObject({
  seconds: z.number().describe('How long the machine was watched.'),
  samples: z.number(),
  others_cpu_cores: z
    .strictObject({ mean: z.number(), max: z.number() })
    .nullable()
    .describe('CPU cores that other processes used, without stolen time.'),
  steal_cores: z
    .number()
    .nullable()
    .describe('CPU cores that a hypervisor gave to others while this machine wanted to run.'),
  others_memory_growth_bytes: z.number().nullable().describe('How much the memory of other processes grew.'),
  others_on_gpu: z
    .strictObject({ processes: z.number(), memory_bytes: z.number() })
    .nullable()
    .describe('Other processes on the GPUs, and their memory: the most at a time.'),
  cpu_throttled_s: z.number().nullable(),
  gpu_throttled_s: z.number().nullable(),
  gpu_power_capped_s: z.number().nullable(),
  names: z
    .array(z.strictObject({ name: z.string(), pid: z.number(), cores: z.number() }))
    .describe('The busiest other processes while they were above the limit, each with the most cores that it used.'),
  missing: z.record(z.string(), z.string()).describe('Why something is null: its name and the reason.'),
});
export type Watch = z.infer<typeof watchSchema>;
