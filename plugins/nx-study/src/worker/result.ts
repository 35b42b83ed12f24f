import { z } from 'zod';
import { PROTOCOL } from './manifest.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** `result.json`: what a worker measured. The payload's shape is its kind's matter. */
export const resultSchema = z.strictObject({
  protocol: z.literal(PROTOCOL),
  kind: z.string(),
  partial: z.boolean().default(false),
  payload: z.record(z.string(), z.json()),
  files: z
    .array(
      z.strictObject({
        path: z.string().regex(/^[^/\\]+$/, 'a file directly in the run directory'),
        sha256,
        local: z.boolean().default(false),
      }),
    )
    .default([]),
});

export type Result = z.infer<typeof resultSchema>;
