import { z } from 'zod';
import { coolDownSchema, memorySchema, platformSchema, watchSchema } from './circumstances.ts';
import { telemetrySchema } from './telemetry.ts';
import { currentType } from './upgrade.ts';

export type { CoolDown, MemoryComparison, Watch } from './circumstances.ts';

export const RECORD_VERSION = 2;

/** Why a measurement has no result. Some are final: not tried again until a person requests a retry. */
export const failureTypes = [
  'oom',
  'timeout',
  'stalled',
  'crash',
  'invalid-result',
  'changed-during-run',
  'platform',
  'environment',
  'unsupported',
  'too-large',
  'interrupted',
  'neighbour',
] as const;
export type FailureType = (typeof failureTypes)[number];

/** Those that may be an accident of one attempt, so that a study may ask for another one. */
export const retriableTypes = [
  'crash',
  'stalled',
  'timeout',
  'invalid-result',
  'neighbour',
] as const satisfies FailureType[];

const json = z.record(z.string(), z.json());

const checksum = z
  .string()
  .nullable()
  .default(null)
  .describe(
    'The SHA-256 of all else in the document, as canonical JSON (RFC 8785); null from earlier versions, and while a measurement runs.',
  );

/** All that can change an outcome; `digest` is its SHA-256 as canonical JSON. */
export const identitySchema = z.strictObject({
  protocol: z.number().describe('The version of the protocol between nx-study and the worker.'),
  worker: z.string(),
  configuration: json.describe('The settings with defaults; each data file is `{"sha256": …}`.'),
  code: z.string().describe('Hash over the measuring code, its kit and its command.'),
  environment: z
    .string()
    .nullable()
    .describe(
      "Hash over the interpreter's version range and the locked dependencies. For `system` null, or `node 22` where the " +
        'worker runs on the Node that runs Nx.',
    ),
  platform: json.nullable().describe('The rules for the machine; null for `any`.'),
  cpus: z.number().nullable().describe('The CPUs that the study asks for; null where it asks for none.'),
  env: z.record(z.string(), z.string().nullable()).describe('The passed environment variables; null where unset.'),
  repetition: z.number(),
  seed: z.number(),
  take: z.number(),
});
export type Identity = z.infer<typeof identitySchema>;

const failureSchema = z.strictObject({
  type: z.preprocess(currentType, z.enum(failureTypes)),
  phase: z.string().nullable().describe('The phase in which the worker was; null before its first one.'),
  message: z.string(),
  traceback: z.string().nullable(),
  log_tail: z.string().describe('The end of `worker.log`.'),
  exit_code: z.number().nullable().describe('null where the worker did not exit by itself.'),
  signal: z.string().nullable().describe('The signal that ended the worker, such as `SIGKILL`; null without one.'),
});
export type Failure = z.infer<typeof failureSchema>;

/** A change of code or dependencies that a person accepted: earlier outcomes stay valid. */
export const acceptedChangeSchema = z.strictObject({
  because: z.string().describe('Why the change does not matter.'),
  at: z.iso.datetime(),
  by: z.string().nullable().describe('Who accepted it; null when not known.'),
});
export type AcceptedChange = z.infer<typeof acceptedChangeSchema>;

const knownText = z.strictObject({ value: z.string().nullable(), reason: z.string().nullable() });

const phaseSchema = z.strictObject({
  phase: z.string(),
  start_s: z
    .number()
    .nullable()
    .describe('Counted from the start of the worker; null where the clock was set meanwhile.'),
  elapsed_s: z.number().nullable(),
});
const findingSchema = z.strictObject({ code: z.string(), message: z.string() });
export type Finding = z.infer<typeof findingSchema>;
export type Phase = z.infer<typeof phaseSchema>;

/** The process that watches over a worker. */
export const supervisorSchema = z.strictObject({
  host: z.string().describe('The name of the machine; of a job of Slurm that of its node.'),
  pid: z.number(),
  boot: z.string().describe("The id of the machine's boot."),
  start_time: z
    .string()
    .nullable()
    .default(null)
    .describe('When the process started, only for comparison; null in records of earlier versions.'),
  machine: z
    .string()
    .exactOptional()
    .describe('A hash that tells machines of the same name apart; only where the system keeps an id of the machine.'),
  job: z.string().exactOptional().describe('The number of the job of Slurm in which it runs; only there.'),
  devices: z
    .record(z.string(), z.string())
    .exactOptional()
    .describe('The devices that Slurm gave to the job, by the variables that tell it; only where it gave some.'),
});
export type Supervisor = z.infer<typeof supervisorSchema>;

/** `record.json`: the outcome of one attempt at one measurement. Records decide; all else is a copy or a hint. */
export const recordSchema = z.strictObject({
  record: z.literal(RECORD_VERSION).describe('The version of this format.'),
  study: z.string(),
  id: z.string().describe('The id of the measurement, unique within its study.'),
  experiment: z.string().describe('The id of the experiment, without the repetition.'),
  label: z.string().describe('The name of the experiment, for people.'),
  worker: z.string(),
  kind: z.string(),
  repetition: z.number(),
  seed: z.number(),
  take: z.number(),
  digest: z.string().describe('The SHA-256 of the identity, as canonical JSON (RFC 8785).'),
  identity: identitySchema.describe('All that can change an outcome.'),
  configuration: json.describe('The settings with defaults; data files are paths relative to the workspace.'),
  varied: json.describe('The settings in which the experiments of the study differ.'),
  outcome: z
    .enum(['running', 'measured', 'failed'])
    .describe('`running` only while the worker runs, or when its supervisor died.'),
  expected: z.enum(['failed']).nullable().describe('`failed` where the study expects a failure.'),
  failure: failureSchema.nullable().describe('null unless the outcome is `failed`.'),
  attempt: z.number().describe('How often this digest was started here, from 1.'),
  started_at: z.iso.datetime(),
  ended_at: z.iso.datetime().nullable(),
  elapsed_s: z.number().nullable().describe('While the machine was awake.'),
  suspended_s: z.number().nullable().default(null).describe('How long the machine was suspended meanwhile.'),
  supervision_cpu_s: z
    .number()
    .nullable()
    .default(null)
    .describe('The CPU time of the supervisor while the worker ran.'),
  phases: z.array(phaseSchema),
  cool_down: coolDownSchema.describe('The gap before the start: how long it was, and why.'),
  watch: watchSchema
    .nullable()
    .default(null)
    .describe(
      "Who else used the machine after the worker's preparation, and whether it was slowed down; null before the end, and where the worker never ran.",
    ),
  telemetry: telemetrySchema
    .nullable()
    .default(null)
    .describe(
      'Power, clocks, temperatures and memory while the worker ran; null before the end, where it never ran, and in records of earlier versions.',
    ),
  allowance: z.strictObject({
    cpus: z.number(),
    memory_bytes: z
      .number()
      .nullable()
      .default(null)
      .describe('The memory that the worker could use; null where only the machine set a limit.'),
  }),
  memory: memorySchema
    .nullable()
    .default(null)
    .describe('The memory estimate before the start; null where nothing is known in advance.'),
  model: z
    .strictObject({ value: json.nullable(), reason: z.string().nullable() })
    .nullable()
    .default(null)
    .describe(
      "What the kind keeps of the model's header, for numbers that are computed when results are read; null where it keeps nothing, and in records of earlier versions.",
    ),
  interpreter: z.string().nullable(),
  environment_versions: z
    .record(z.string(), z.string())
    .default({})
    .describe("The tools that made the environment, such as uv, or the id of a container's image."),
  machine: json.describe('The machine that measured.'),
  platform: platformSchema
    .nullable()
    .default(null)
    .describe(
      "The study's rules for the machine, each with the outcome of its check; null where no profile is asked for.",
    ),
  sleep_inhibition: knownText
    .nullable()
    .default(null)
    .describe('What kept the machine from sleeping, or why nothing did.'),
  git: z.strictObject({ commit: z.string().nullable(), dirty: z.boolean().nullable(), reason: z.string().nullable() }),
  supervisor: supervisorSchema.describe('The process that watches over the worker.'),
  findings: z.array(findingSchema).describe('What a reader must know before using the numbers.'),
  files: z
    .array(z.strictObject({ path: z.string(), sha256: z.string(), bytes: z.number(), local: z.boolean() }))
    .describe("The files of the result. A `local` one stays on the machine that made it, outside of Nx's cache."),
  reused_from: z
    .string()
    .nullable()
    .describe('Set when this record was made under another id or study with the same digest.'),
  accepted: z
    .strictObject({ code: z.string(), environment: z.string().nullable(), changes: z.array(acceptedChangeSchema) })
    .nullable()
    .default(null)
    .describe(
      'Set when changes since it was measured were accepted. It stands for the identity with this code and environment, ' +
        'and `digest` is the one of that; `identity` stays what it was measured with.',
    ),
  retry_requested_at: z.iso
    .datetime()
    .nullable()
    .default(null)
    .describe('When a person asked to try again after a final failure; null when nobody did.'),
  larger_than: z
    .string()
    .nullable()
    .default(null)
    .describe('The measurement that ran out of memory, for one that was not started because it is larger.'),
  checksum,
});
export type MeasurementRecord = z.infer<typeof recordSchema>;

/** `derived.json`: the output of the deriving code. */
export const derivedSchema = z.strictObject({
  deriving: z.string().describe('Hash over the deriving code, its command and its environment.'),
  derived_at: z.iso.datetime(),
  outcome: z.enum(['derived', 'failed']),
  payload: json.nullable().describe('As the worker wrote it to `{out}`; null when deriving failed.'),
  message: z.string().nullable().describe('Why deriving failed; null when it did not.'),
  source: z
    .string()
    .nullable()
    .default(null)
    .describe("Hash over the hashes of the record's files, from which it was derived; null from earlier versions."),
  checksum,
});
export type Derived = z.infer<typeof derivedSchema>;
