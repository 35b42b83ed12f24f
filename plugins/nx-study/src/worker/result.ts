import { z } from 'zod';
import { PROTOCOL } from './manifest.ts';
import { cachedFiles } from './files.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256: 64 hex digits, in lower case');

const ownFiles: ReadonlySet<string> = new Set([...cachedFiles, '.', '..', 'files/.', 'files/..']);

/** `result.json`: what a worker measured. The payload's shape is its kind's matter. */
export const resultSchema = z.strictObject({
  protocol: z.literal(PROTOCOL),
  kind: z.string(),
  partial: z.boolean().default(false),
  payload: z.record(z.string(), z.json()),
  files: z
    .array(
      z.strictObject({
        path: z
          .string()
          .regex(/^(files\/)?[^/\\]+$/, 'a file in the run directory, or in its folder files/')
          .refine((path) => !ownFiles.has(path), 'not a file of the protocol'),
        sha256,
      }),
    )
    .default([]),
});

export type Result = z.infer<typeof resultSchema>;
