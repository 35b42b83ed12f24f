import { z } from 'zod';
import { PROTOCOL } from './manifest.ts';
import { cachedFiles } from './files.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256: 64 hex digits, in lower case');

const ownFiles = [...cachedFiles, '.', '..', 'files/.', 'files/..'];

const filePath = z
  .string()
  .regex(/^(files\/)?[^/\\]+$/, 'a file in the run directory, or in its folder files/')
  .refine((path) => !ownFiles.includes(path), 'not a file of the protocol')
  .meta({
    description:
      'The name of a regular file in the run directory, or in its folder `files/`. What is in `files/` travels with ' +
      "Nx's cache; any other file stays on the machine that made it.",
    not: { enum: ownFiles },
  });

/** `result.json`: what a worker measured. Its kind defines the shape of the payload. */
export const resultSchema = z.strictObject({
  protocol: z.literal(PROTOCOL).describe('As in the request.'),
  kind: z.string().describe("As in the worker's `worker.json`: it decides the shape of `payload`."),
  partial: z
    .boolean()
    .default(false)
    .describe(
      'true: the worker was asked to stop and saved the part that it had. A partial result is never a success.',
    ),
  payload: z
    .record(z.string(), z.json())
    .describe('The values. A number that could not be measured is null, with the reason where its kind expects it.'),
  files: z
    .array(z.strictObject({ path: filePath, sha256: sha256.describe('The SHA-256 of its content.') }))
    .default([])
    .describe('Further files that belong to the result.'),
});

export type Result = z.infer<typeof resultSchema>;
