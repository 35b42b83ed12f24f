import { z } from 'zod';

const seconds = z.number().min(0);
const value = z.number().nullable();

/** What is read from a server's own metrics; counters count since its start. */
const quantities = [
  'running',
  'waiting',
  'kv_share',
  'accept_length',
  'preemptions',
  'generated_tokens',
  'prefix_hits',
  'prefix_queries',
  'queue_s',
  'queue_requests',
  'prefill_s',
  'prefill_requests',
  'drafts',
  'draft_tokens',
  'accepted_tokens',
] as const;

export type Told = (typeof quantities)[number];

const readingSchema = z.looseObject({
  at_s: seconds.describe('When the server was asked, on the clock of `start_s`.'),
  took_s: seconds.describe('How long its answer took.'),
  values: z
    .partialRecord(z.enum(quantities), z.number())
    .describe('As told; sums over engines and models, of `kv_share` and `accept_length` the highest.'),
  fallen: z
    .array(z.string())
    .default([])
    .describe('Counters that fell since the reading before: the server began anew, or another one answered.'),
});

export const serverMetricsSchema = z.looseObject({
  source: z.string().describe('The address that was asked.'),
  engine: z.string().describe('In whose words it answers.'),
  period_s: z.number().positive(),
  stale_s: seconds.describe('For so long a value of this engine may stay as it was.'),
  digits: z.int().nullable().describe('To so many digits it writes numbers; null: to all.'),
  names: z.partialRecord(z.enum(quantities), z.string()).describe('The metric that each quantity is read from.'),
  failed: z.int().min(0).describe('Questions without a usable answer.'),
  readings: z.array(readingSchema).min(1).describe('One before the series, one after it, and between with the period.'),
});

export const gpuSchema = z.looseObject({
  source: z
    .string()
    .describe('`nvidia-smi` of the machine of the client and the server, or the address of a DCGM exporter.'),
  period_s: z.number().positive(),
  failed: z.int().min(0),
  readings: z
    .array(
      z.looseObject({
        at_s: seconds,
        gpus: z.int().min(1),
        power_w: value.describe('Of all together.'),
        memory_bytes: value.describe('In use on all together, by anybody.'),
        utilisation_percent: value.describe('Their mean.'),
        sm_clock_mhz: value.describe('Their mean.'),
      }),
    )
    .min(1),
});

export type ServerMetrics = z.infer<typeof serverMetricsSchema>;
export type Reading = ServerMetrics['readings'][number];
export type GpuReadings = z.infer<typeof gpuSchema>;
