import { z } from 'zod';
import { checkTexts } from './check-texts.ts';
import type { Constraints } from './constraints.ts';
import { PLACEHOLDERS } from './placeholders.ts';
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
    locks: z
      .record(variantName, lock)
      .refine((locks) => Object.keys(locks).length > 0, 'it has no variant')
      .meta({ minProperties: 1 }),
  });

const hasOneOrVariants = ({ lock, variants }: { lock?: unknown; variants?: unknown }) =>
  (lock === undefined) !== (variants === undefined);
const EITHER = 'it needs either `lock` or `variants`';
const oneOrVariants = { oneOf: [{ required: ['lock'] }, { required: ['variants'] }] };

const environmentSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('system') }),
  z
    .strictObject({
      type: z.literal('uv'),
      python: z.string().min(1),
      lock: pathInside.optional(),
      variants: variantsOf(pathInside).optional(),
      own: z
        .string()
        .min(1)
        .optional()
        .describe(
          'The setting, a data file or null, that names a lock of the study. Where it is set, the environment is made from that.',
        ),
    })
    .refine(hasOneOrVariants, EITHER)
    .meta(oneOrVariants),
  z
    .strictObject({ type: z.literal('npm'), lock: npmLock.optional(), variants: variantsOf(npmLock).optional() })
    .refine(hasOneOrVariants, EITHER)
    .meta(oneOrVariants),
  z
    .strictObject({
      type: z.literal('container'),
      image: z
        .string()
        .regex(/^[a-z0-9][\w.:/@-]*$/i, 'the name of an image, such as `nvcr.io/name/of:1.2.3`')
        .optional(),
      build: z
        .strictObject({
          file: pathInside.describe("The file with the steps, in the worker's folder, such as `Containerfile`."),
          context: z
            .array(pathInside.regex(/^!?[^{]*$/, "a pattern of files in the worker's folder"))
            .default([])
            .describe(
              'Patterns of the files that the steps copy. The build sees no others; all of them are in the identity.',
            ),
        })
        .optional()
        .describe('Builds the image from a file of the worker.'),
      requires: z.strictObject({ accelerator: z.literal('nvidia') }).optional(),
      network: z
        .literal('host')
        .optional()
        .describe("The machine's own network, for a worker that talks to a server. Without it there is none."),
    })
    .refine(({ image, build }) => (image === undefined) !== (build === undefined), 'it needs either `image` or `build`')
    .meta({ oneOf: [{ required: ['image'] }, { required: ['build'] }] }),
]);

const byDevice = <T extends z.ZodType>(value: T) => z.strictObject({ cpu: value, cuda: value }).partial();

/** How a worker's engine uses memory; for kinds that can estimate it before the start. */
const memorySchema = z.strictObject({
  weights: z
    .enum(['as-stored', 'compute-dtype'])
    .describe(
      "`as-stored`: weights lie in memory as in the model's file. `compute-dtype`: each takes the bytes of the setting `compute_dtype`.",
    ),
  overheadMib: byDevice(z.number().min(0)).describe(
    'MiB that are resident when the engine has started and no model is loaded, by device.',
  ),
  defaults: byDevice(z.record(z.string(), z.json()))
    .default({})
    .describe('The values that the engine uses for settings that are null or absent, by device.'),
});
export type MemoryRule = z.infer<typeof memorySchema>;

/** A command that checks the files that a measurement would read, before anything is built. */
const checkSchema = z.strictObject({
  command: command
    .refine(
      (parts) => parts.every((part) => !/\{(?!(python|node|tsx|worker|kits)\})[a-z]+\}/.test(part)),
      checkTexts.placeholder,
    )
    .describe('Placeholders: `{python}`, `{node}`, `{tsx}`, `{worker}`, `{kits}`.'),
  settings: z
    .array(z.string().min(1))
    .min(1)
    .describe(
      'The settings that it reads, by dotted path; `*` stands for every position of a list, such as `workloads.*.load.file`. It runs once for all measurements in which they are equal, and not where all are null.',
    ),
});

/** What `doctor` looks at before a run, in the environment of the worker. */
const doctorSchema = z.strictObject({
  imports: z
    .array(z.string().min(1))
    .default([])
    .describe('Packages or modules of the environment that a measurement imports, such as its engine.'),
  command: command
    .optional()
    .describe(
      'Looks at what else a measurement needs, such as a server. Placeholders as in `commands`, but for `{run}`.',
    ),
  settings: z
    .array(z.string().min(1))
    .default([])
    .describe(
      'The top-level settings that the command reads. It runs once for all measurements in which they are equal.',
    ),
  sizes: z
    .boolean()
    .default(false)
    .describe(
      'Whether the command answers with the size of the model, too. It is kept for `plan` and for runs, until `settings`, their files, the code or the environment change.',
    ),
});

const manifestKeys = z.strictObject({
  $schema: z.string().optional(),
  protocol: z.literal(PROTOCOL).describe('The version of the protocol between nx-study and the worker.'),
  from: z
    .string()
    .regex(/^\S+@\S+\/[a-z][a-z0-9_-]*$/, 'a package, its version and its worker, such as `nx-study@0.1.0/ideal-point`')
    .optional()
    .describe('The package and the worker that it was copied from. Part of no identity.'),
  kind: z.enum(['posterior', 'llm-inference', 'values']).describe('The contract of the result: its metrics and gates.'),
  description: z.string().min(1).describe('What the worker measures, in one line.'),
  commands: z
    .strictObject({
      measure: command.describe('Performs one measurement in the run directory `{run}`.'),
      derive: command
        .optional()
        .describe('Computes diagnostics from what was measured in `{run}`, and writes one JSON object to `{out}`.'),
    })
    .describe(
      `Programs with their arguments. Placeholders: ${PLACEHOLDERS.map((name) => `\`{${name}}\``).join(', ')}.`,
    ),
  check: checkSchema
    .optional()
    .describe('Checks the files that a measurement would read, before anything is built or fetched.'),
  doctor: doctorSchema
    .optional()
    .describe('What the command `doctor` looks at in the environment, before a run. Part of no identity.'),
  environment: environmentSchema.describe('The packages and programs that the commands run in.'),
  env: z
    .record(
      z
        .string()
        .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of a variable: a–z, A–Z, 0–9 and _, the first one no digit'),
      z.string(),
    )
    .default({})
    .describe('Further environment variables of the commands; placeholders as in `commands`.'),
  passEnvironment: z
    .array(z.string())
    .default([])
    .describe("Variables of the caller that reach the worker. Their values are part of a measurement's identity."),
  secrets: z
    .array(z.string())
    .default([])
    .describe(
      "Settings that name a variable of the caller, such as an API key's. It reaches the worker and is stored nowhere.",
    ),
  config: z.string().min(1).describe('The file with the JSON Schema (draft 2020-12) of the configuration.'),
  constraints: pathInside
    .optional()
    .describe('The file with the combinations of settings that the engine refuses, `constraints.json`.'),
  measuring: z
    .array(z.string().min(1))
    .min(1)
    .describe('Patterns of the files that measure: a measurement is repeated after an edit of one of them.'),
  projects: z
    .array(z.string().min(1))
    .default([])
    .describe('Projects of the workspace that are measured: their files count as those of `measuring` do.'),
  dependsOn: z
    .array(z.string().regex(/^[^:]+:.+$/, 'a target of a project, such as `lib:build`'))
    .default([])
    .describe('Targets of projects that Nx runs before each measurement, such as `lib:build`.'),
  deriving: z
    .array(z.string().min(1))
    .default([])
    .describe('Patterns of the files that derive: only diagnostics are computed again after an edit of one of them.'),
  platform: z.string().default('any').describe("The default of a study's `platform`."),
  memory: memorySchema.optional().describe('How the engine uses memory, for a check before the start.'),
});

/** `workers/<name>/worker.json`; workers/README.md explains each key. */
export const manifestSchema = manifestKeys.refine(
  ({ environment, secrets }) => environment.type !== 'container' || secrets.length === 0,
  { path: ['secrets'], message: workerTexts.secretsInContainer },
);

export type Manifest = z.infer<typeof manifestSchema>;
export type Environment = Manifest['environment'];

/** A worker's contract, read from its files. */
export interface Worker {
  /** The folder's name under workers/. */
  name: string;
  /** Relative to the workspace root, with `/`. */
  root: string;
  manifest: Manifest;
  /** The JSON Schema (draft 2020-12) of its configuration. */
  configSchema: Record<string, unknown>;
  /** What its engine refuses; absent for a worker without such a table. */
  constraints?: Constraints;
}
