import { z } from 'zod';

/** In the folder of a measurement: one JSON object a line. */
export const TELEMETRY_FILE = 'telemetry.jsonl';

const statisticsSchema = z.strictObject({
  n: z.number().describe('Samples with a value.'),
  mean: z.number(),
  min: z.number(),
  max: z.number(),
});

/** Power, clocks, temperatures and memory while a worker ran, sampled by its supervisor; the series is in a file. */
export const telemetrySchema = z.strictObject({
  file: z
    .strictObject({ path: z.string(), sha256: z.string(), bytes: z.number() })
    .nullable()
    .describe(
      'The samples, in order: `t` is Unix time in seconds, as in `events.jsonl`; `elapsed_s` counts from the start of the worker. null with a reason.',
    ),
  samples: z.number(),
  period_s: z.number().nullable().describe('Mean time between two samples; null for fewer than two.'),
  quantities: z
    .record(z.string(), statisticsSchema)
    .describe('By the name in the file, from the start of the worker to its end, loading included.'),
  missing: z.record(z.string(), z.string()).describe('Why something was never sampled: its name and the reason.'),
});
export type Telemetry = z.infer<typeof telemetrySchema>;
