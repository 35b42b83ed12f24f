import { z } from 'zod';
import { checkTexts } from './check-texts.ts';
import { workerTexts } from './texts.ts';

export const PROTOCOL = 1;

const command = z.array(z.string().min(1)).min(1);

const variantName = z.string().regex(/^[a-z0-9][a-z0-9-]*$/, 'a variant has a name of a–z, 0–9 and -');

const pathInside = z
  .string()
  .regex(/^(?!\/)(?!.*\\)(?!(.*\/)?\.\.(\/|$)).+$/, "a path below the worker's folder, with / and without ..");
const npmLock = pathInside.regex(
  /(^|\/)package-lock\.json$/,
  'the path of a package-lock.json, which has its package.json beside it',
);

/** One lock for each variant, chosen by the configuration's key `by`; the first one is for any other value. */
const variantsOf = (lock: z.ZodString) =>
  z.strictObject({
    by: z.string().min(1),
    locks: z.record(variantName, lock).refine((locks) => Object.keys(locks).length > 0, 'it has no variant'),
  });

const hasOneOrVariants = ({ lock, variants }: { lock?: unknown; variants?: unknown }) =>
  (lock === undefined) !== (variants === undefined);
const EITHER = 'it needs either `lock` or `variants`';

const environmentSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('system') }),
  z
    .strictObject({
      type: z.literal('uv'),
      python: z.string().min(1),
      lock: pathInside.optional(),
      variants: variantsOf(pathInside).optional(),
    })
    .refine(hasOneOrVariants, EITHER),
  z
    .strictObject({ type: z.literal('npm'), lock: npmLock.optional(), variants: variantsOf(npmLock).optional() })
    .refine(hasOneOrVariants, EITHER),
  z.strictObject({
    type: z.literal('container'),
    image: z.string().regex(/^[a-z0-9][\w.:/@-]*$/i, 'the name of an image, such as `nvcr.io/name/of:1.2.3`'),
    requires: z.strictObject({ accelerator: z.literal('nvidia') }).optional(),
  }),
]);

const byDevice = <T extends z.ZodType>(value: T) => z.strictObject({ cpu: value, cuda: value }).partial();

/** How a worker of a kind that can tell needs in advance uses memory. */
const memorySchema = z.strictObject({
  /** `as-stored`: as in the model's file. `compute-dtype`: each weight in the type of the setting `compute_dtype`. */
  weights: z.enum(['as-stored', 'compute-dtype']),
  /** Taken before a model is loaded, by device. */
  overheadMib: byDevice(z.number().min(0)),
  /** What the engine takes for settings that are null or absent, by device. */
  defaults: byDevice(z.record(z.string(), z.json())).default({}),
});
export type MemoryRule = z.infer<typeof memorySchema>;

/** Looks at what a measurement would read, before anything is built. */
const checkSchema = z.strictObject({
  command: command.refine(
    (parts) => parts.every((part) => !/\{(?!(python|node|tsx|worker|kits)\})[a-z]+\}/.test(part)),
    checkTexts.placeholder,
  ),
  /** The settings that it reads: with equal ones it runs once. */
  settings: z.array(z.string().min(1)).min(1),
});

const manifestKeys = z.strictObject({
  $schema: z.string().optional(),
  protocol: z.literal(PROTOCOL),
  kind: z.enum(['posterior', 'llm-inference', 'values']),
  description: z.string().min(1),
  commands: z.strictObject({ measure: command, derive: command.optional() }),
  check: checkSchema.optional(),
  environment: environmentSchema,
  env: z
    .record(
      z
        .string()
        .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of a variable: a–z, A–Z, 0–9 and _, the first one no digit'),
      z.string(),
    )
    .default({}),
  passEnvironment: z.array(z.string()).default([]),
  /** Settings that name a variable of the caller, such as an API key's: it reaches the worker, and is kept nowhere. */
  secrets: z.array(z.string()).default([]),
  config: z.string().min(1),
  measuring: z.array(z.string().min(1)).min(1),
  deriving: z.array(z.string().min(1)).default([]),
  platform: z.string().default('any'),
  memory: memorySchema.optional(),
});

/** `workers/<name>/worker.json`; workers/README.md explains each key. */
export const manifestSchema = manifestKeys.refine(
  ({ environment, secrets }) => environment.type !== 'container' || secrets.length === 0,
  { path: ['secrets'], message: workerTexts.secretsInContainer },
);

export type Manifest = z.infer<typeof manifestSchema>;
export type Environment = Manifest['environment'];

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
