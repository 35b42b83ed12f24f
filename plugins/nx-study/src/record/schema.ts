import { z } from 'zod';
import { currentType } from './upgrade.ts';

export const RECORD_VERSION = 2;

/** Why a measurement has no result. `settled` ones are not tried again until asked for. */
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

/** SHA-256 of all else in the document, as canonical JSON; null from earlier versions, and while a measurement runs. */
const checksum = z.string().nullable().default(null);

/** All that can change an outcome; `digest` is its SHA-256 as canonical JSON. */
export const identitySchema = z.strictObject({
  protocol: z.number(),
  worker: z.string(),
  /** With defaults; each data file is {sha256}. */
  configuration: json,
  /** Hash over the measuring code, its kit and its command. */
  code: z.string(),
  /**
   * Hash over the interpreter's version range and the locked dependencies. For `system` null, or `node 22` where the
   * worker runs on the Node that runs Nx.
   */
  environment: z.string().nullable(),
  /** null for `any`. */
  platform: json.nullable(),
  cpus: z.number().nullable(),
  /** The passed environment variables; null where unset. */
  env: z.record(z.string(), z.string().nullable()),
  repetition: z.number(),
  seed: z.number(),
  take: z.number(),
});
export type Identity = z.infer<typeof identitySchema>;

const failureSchema = z.strictObject({
  type: z.preprocess(currentType, z.enum(failureTypes)),
  phase: z.string().nullable(),
  message: z.string(),
  traceback: z.string().nullable(),
  log_tail: z.string(),
  exit_code: z.number().nullable(),
  signal: z.string().nullable(),
});
export type Failure = z.infer<typeof failureSchema>;

/** A change of code or dependencies that leaves earlier outcomes valid, as a person said. */
export const acceptedChangeSchema = z.strictObject({
  because: z.string(),
  at: z.iso.datetime(),
  by: z.string().nullable(),
});
export type AcceptedChange = z.infer<typeof acceptedChangeSchema>;

/** What was needed and what was there before the start; bytes. */
const memorySchema = z.strictObject({
  need_bytes: z.number(),
  /** How many GPUs share it; 0 is the host's own memory. */
  gpus: z.number().default(0),
  terms: z.array(z.strictObject({ name: z.string(), bytes: z.number() })),
  omitted: z.array(z.strictObject({ name: z.string(), reason: z.string() })),
  available_bytes: z.number(),
  bound: z.string(),
});
export type MemoryNeed = z.infer<typeof memorySchema>;

const knownText = z.strictObject({ value: z.string().nullable(), reason: z.string().nullable() });

/** What a study's platform demanded, rule by rule, right before the start. */
const platformSchema = z.strictObject({
  profile: z.string(),
  checks: z.array(
    z.strictObject({
      rule: z.string(),
      level: z.enum(['refuse', 'warn']),
      state: z.enum(['met', 'unmet', 'overridden']),
      needs: z.string(),
      found: z.string(),
    }),
  ),
});

/** The rest before the start: what was waited for, how long and why. */
const coolDownSchema = z.strictObject({
  waited_s: z.number(),
  reason: z.string(),
  /** Whether the machine had recovered by its temperature, or where it has no sensor by how little others use. */
  criterion: z.enum(['none', 'time', 'temperature', 'others-cpu']).nullable().default(null),
  /** The last readings, each with what it had to fall to. */
  readings: z
    .array(z.strictObject({ name: z.string(), value: z.number(), limit: z.number(), unit: z.string() }))
    .default([]),
  /** `max`: the longest gap was over, and the machine had not recovered. */
  ended_by: z.enum(['nothing', 'min', 'band', 'max', 'stop']).nullable().default(null),
});
export type CoolDown = z.infer<typeof coolDownSchema>;

/** Who else used the machine after the worker's preparation, and whether it was slowed down. */
const watchSchema = z.strictObject({
  /** How long was watched. */
  seconds: z.number(),
  samples: z.number(),
  /** Without what is stolen. */
  others_cpu_cores: z.strictObject({ mean: z.number(), max: z.number() }).nullable(),
  /** What a hypervisor gave to others while this machine wanted to run. */
  steal_cores: z.number().nullable(),
  others_memory_growth_bytes: z.number().nullable(),
  /** The most at a time. */
  others_on_gpu: z.strictObject({ processes: z.number(), memory_bytes: z.number() }).nullable(),
  cpu_throttled_s: z.number().nullable(),
  gpu_throttled_s: z.number().nullable(),
  gpu_power_capped_s: z.number().nullable(),
  /** The busiest others while they were above the limit, each with the most that it used. */
  names: z.array(z.strictObject({ name: z.string(), pid: z.number(), cores: z.number() })),
  /** Why something is null. */
  missing: z.record(z.string(), z.string()),
});
export type Watch = z.infer<typeof watchSchema>;

const phaseSchema = z.strictObject({
  phase: z.string(),
  /** null where the clock was set meanwhile. */
  start_s: z.number().nullable(),
  elapsed_s: z.number().nullable(),
});
const findingSchema = z.strictObject({ code: z.string(), message: z.string() });
export type Finding = z.infer<typeof findingSchema>;
export type Phase = z.infer<typeof phaseSchema>;

/** The process that watches over a worker. */
export const supervisorSchema = z.strictObject({
  host: z.string(),
  pid: z.number(),
  boot: z.string(),
  /** As `processIdentity` gives it, only for comparison; null in records of earlier versions. */
  start_time: z.string().nullable().default(null),
});
export type Supervisor = z.infer<typeof supervisorSchema>;

/** `record.json`: the outcome of one attempt at one measurement. Records decide; all else is a copy or a hint. */
export const recordSchema = z.strictObject({
  record: z.literal(RECORD_VERSION),
  study: z.string(),
  id: z.string(),
  experiment: z.string(),
  label: z.string(),
  worker: z.string(),
  kind: z.string(),
  repetition: z.number(),
  seed: z.number(),
  take: z.number(),
  digest: z.string(),
  identity: identitySchema,
  /** With defaults; data files as paths relative to the workspace. */
  configuration: json,
  varied: json,
  /** `running` only while its worker runs, or when its supervisor died. */
  outcome: z.enum(['running', 'measured', 'failed']),
  expected: z.enum(['failed']).nullable(),
  failure: failureSchema.nullable(),
  /** From 1: how often this digest was started here. */
  attempt: z.number(),
  started_at: z.iso.datetime(),
  ended_at: z.iso.datetime().nullable(),
  /** While the machine was awake. */
  elapsed_s: z.number().nullable(),
  /** How long the machine was suspended meanwhile. */
  suspended_s: z.number().nullable().default(null),
  /** CPU time that the supervisor took while the worker ran. */
  supervision_cpu_s: z.number().nullable().default(null),
  phases: z.array(phaseSchema),
  cool_down: coolDownSchema,
  /** null before the end, and where the worker never ran. */
  watch: watchSchema.nullable().default(null),
  allowance: z.strictObject({
    cpus: z.number(),
    /** Memory that it could hold; null where only the machine set a limit. */
    memory_bytes: z.number().nullable().default(null),
  }),
  /** null where nothing is known in advance. */
  memory: memorySchema.nullable().default(null),
  interpreter: z.string().nullable(),
  /** What the environment was made with, such as uv, or the id of a container's image. */
  environment_versions: z.record(z.string(), z.string()).default({}),
  machine: json,
  /** null where no profile is demanded. */
  platform: platformSchema.nullable().default(null),
  /** What kept the machine from sleeping, or why nothing did. */
  sleep_inhibition: knownText.nullable().default(null),
  git: z.strictObject({ commit: z.string().nullable(), dirty: z.boolean().nullable(), reason: z.string().nullable() }),
  supervisor: supervisorSchema,
  /** What a reader must know before using the numbers. */
  findings: z.array(findingSchema),
  files: z.array(z.strictObject({ path: z.string(), sha256: z.string(), bytes: z.number(), local: z.boolean() })),
  /** Set when this record was made under another id or study with the same digest. */
  reused_from: z.string().nullable(),
  /**
   * Set when changes since it was measured were accepted. It stands for the identity with this code and environment,
   * and `digest` is the one of that; `identity` stays what it was measured with.
   */
  accepted: z
    .strictObject({ code: z.string(), environment: z.string().nullable(), changes: z.array(acceptedChangeSchema) })
    .nullable()
    .default(null),
  /** When a person asked to try again what would be settled; null when nobody did. */
  retry_requested_at: z.iso.datetime().nullable().default(null),
  /** The measurement that ran out of memory, for one that was not started because it is larger. */
  larger_than: z.string().nullable().default(null),
  checksum,
});
export type MeasurementRecord = z.infer<typeof recordSchema>;

/** `derived.json`: what the deriving code made of the measured values. */
export const derivedSchema = z.strictObject({
  /** Hash over the deriving code, its command and its environment. */
  deriving: z.string(),
  derived_at: z.iso.datetime(),
  outcome: z.enum(['derived', 'failed']),
  payload: json.nullable(),
  message: z.string().nullable(),
  /** Hash over the hashes of the record's files, from which it was derived; null from earlier versions. */
  source: z.string().nullable().default(null),
  checksum,
});
export type Derived = z.infer<typeof derivedSchema>;
