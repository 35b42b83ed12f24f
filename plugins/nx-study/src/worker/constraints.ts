import { z } from 'zod';

/** Facts beside the settings that a rule may name; each may be unknown. */
export const FACTS = {
  /** `device`: where it computes. `longest_tokens`, `longest_prompt`, `batch_size`: of the largest workloads. `ranks`: its processes that each take a GPU. */
  work: ['device', 'longest_tokens', 'longest_prompt', 'batch_size', 'ranks'],
  /** `quantization` is null for a model without one, and `experts` is 0. */
  model: [
    'type',
    'layers',
    'hidden_size',
    'heads',
    'kv_heads',
    'head_size',
    'experts',
    'positions',
    'vocabulary',
    'quantization',
  ],
  /** `system`: such as `linux-x64`. NVIDIA GPUs that a worker sees, and the lowest compute capability among them, such as 8.6. */
  machine: ['system', 'gpus', 'compute_capability'],
} as const;
export type Section = 'settings' | 'packages' | keyof typeof FACTS;

/** JSON Schema (draft 2020-12) of a value; `true` for a value that only has to be known. */
const condition = z.union([z.boolean(), z.record(z.string(), z.json())]);
const conditionsOn = <const T extends readonly string[]>(names: T) =>
  z.partialRecord(z.enum(names), condition).default({});

const settings = z.record(z.string(), z.json());

const packageName = z.string().regex(/^[a-z0-9]+([-_][a-z0-9]+)*$/, 'a package has a-z, 0-9, - and _');

/** What the engine itself does with a combination, without a check of its worker. */
const engineSchema = z.strictObject({
  does: z
    .enum(['refuses', 'changes', 'allows'])
    .describe(
      'refuses: it ends with an error. changes: it runs, but not with these settings. allows: it does as asked.',
    ),
  how: z.string().min(1).optional().describe('What it does, as `plan` says it after "it". Without it: "refuses it".'),
  source: z.string().min(1).describe("The engine's file and function that do this."),
  seen: z
    .string()
    .min(1)
    .nullable()
    .describe('The version with which `tools/constraints.mjs` has seen it. null: it was read from the sources.'),
  says: z.string().min(1).optional().describe('Of one that refuses: a part of its words for the refused example.'),
  instead: settings
    .optional()
    .describe('Of one that changes: what it does for the refused example, by the names of settings.'),
});

const ruleSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'an id has a–z, 0–9 and -'),
  settings: z
    .record(z.string().min(1), condition)
    .refine((named) => Object.keys(named).length > 0, 'it names no setting')
    .meta({ minProperties: 1 })
    .describe('By dotted path. The first one that a study sets is where the problem is reported.'),
  work: conditionsOn(FACTS.work).describe('Of where it computes, and of the largest workload.'),
  model: conditionsOn(FACTS.model).describe("Of what the model's header says."),
  machine: conditionsOn(FACTS.machine).describe(
    'Of operating system and processor, and of the NVIDIA GPUs that a worker sees.',
  ),
  packages: z
    .record(packageName, condition)
    .default({})
    .describe("Of the version of a package in the environment's locks; null for one that no lock has."),
  message: z
    .string()
    .min(1)
    .describe('What is refused and why; `{settings.name}`, `{model.heads}` and so on stand for values.'),
  hint: z.string().min(1).describe('The next step.'),
  engine: engineSchema.describe('What the engine itself does with it.'),
  worker: z
    .string()
    .min(1)
    .optional()
    .describe(
      'The file and the function of the worker that refuses it before the engine could; needed where that allows it.',
    ),
  examples: z
    .strictObject({
      refused: settings.describe('Settings that the rule refuses, beside the defaults.'),
      accepted: settings.describe('The nearest ones that it does not.'),
      machine: z
        .partialRecord(z.enum(FACTS.machine), z.union([z.number(), z.string()]))
        .default({ gpus: 0 })
        .describe('Where both stand.'),
      model: z.partialRecord(z.enum(FACTS.model), z.json()).default({}).describe('What a header says, for both.'),
      packages: z
        .record(packageName, z.string())
        .default({})
        .describe('Packages that are there, for both, with their versions.'),
    })
    .describe('For the check against the engine.'),
});

/** What was seen is known by what the engine said or did: it may refuse for another reason. */
const toldRule = ruleSchema
  .refine(({ engine: { does, seen, says } }) => does !== 'refuses' || seen === null || says !== undefined, {
    path: ['engine', 'says'],
    message: 'is missing, and the engine was seen to refuse it',
  })
  .refine(({ engine: { does, seen, instead } }) => does !== 'changes' || seen === null || instead !== undefined, {
    path: ['engine', 'instead'],
    message: 'is missing, and the engine was seen to change it',
  })
  .refine(({ engine: { does, how } }) => does === 'refuses' || how !== undefined, {
    path: ['engine', 'how'],
    message: 'is missing, and the engine does not refuse it',
  })
  .refine(({ engine: { does }, worker }) => does !== 'allows' || worker !== undefined, {
    path: ['worker'],
    message: 'is missing, and the engine allows it',
  });
export type Rule = z.infer<typeof ruleSchema>;

/** `constraints.json` of a worker: combinations of settings that its engine refuses. */
export const constraintsSchema = z.strictObject({
  $schema: z.string().optional(),
  engine: z.strictObject({
    name: z.string().min(1).describe('For people.'),
    packages: z
      .array(z.string().min(1))
      .min(1)
      .describe("Its package, by each name that the environment's locks have; for a container, its image."),
    versions: z.string().min(1).describe('The versions that the rules were read from, such as `>=5.24,<5.25`.'),
  }),
  base: settings.default({}).describe('Settings of all examples.'),
  rules: z
    .array(toldRule)
    .min(1)
    .describe(
      'A combination is refused when all conditions of a rule hold. One on a value that is not known does not.',
    ),
});
export type Constraints = z.infer<typeof constraintsSchema> & {
  /** Versions of the engine in the environment's locks; others than the table's may refuse something else. */
  locked: string[];
  /** Versions of the packages that rules name, null for one that no lock has; none where the locks don't say. */
  packages: Record<string, string | null>;
};
