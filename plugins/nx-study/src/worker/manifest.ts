import { z } from 'zod';

export const PROTOCOL = 1;

const command = z.array(z.string().min(1)).min(1);

/** `workers/<name>/worker.json`; workers/README.md explains each key. */
export const manifestSchema = z.strictObject({
  $schema: z.string().optional(),
  protocol: z.literal(PROTOCOL),
  kind: z.enum(['posterior', 'values']),
  description: z.string().min(1),
  commands: z.strictObject({ measure: command, derive: command.optional() }),
  environment: z.discriminatedUnion('type', [
    z.strictObject({ type: z.literal('system') }),
    z.strictObject({ type: z.literal('uv'), python: z.string().min(1), lock: z.string().min(1) }),
  ]),
  env: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), z.string()).default({}),
  passEnvironment: z.array(z.string()).default([]),
  config: z.string().min(1),
  measuring: z.array(z.string()).min(1),
  deriving: z.array(z.string()).default([]),
  platform: z.string().default('any'),
});

export type Manifest = z.infer<typeof manifestSchema>;

/** A worker as the planner needs it: its contract, already read. */
export interface Worker {
  /** The folder's name under workers/. */
  name: string;
  /** Relative to the workspace root, with `/`. */
  root: string;
  manifest: Manifest;
  /** The JSON Schema (draft 2020-12) of its configuration. */
  configSchema: Record<string, unknown>;
}
