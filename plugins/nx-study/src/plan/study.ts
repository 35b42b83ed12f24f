import { z } from 'zod';
import type { Json, JsonObject } from '../base/json.ts';
import { retriableTypes } from '../record/schema.ts';
import { runnerShape } from './slurm.ts';

export const LABEL = /^[a-z0-9][a-z0-9-]{0,59}$/;
export const ORDERS = ['sequential', 'interleaved', 'shuffled', 'reverse', 'balanced'] as const;
export const MOST_MEASUREMENTS = 1_000_000;

const name = z.string().min(1);
const json = z.custom<Json>(() => true);
const wholeFrom = (least: number) => z.int().min(least);
const seconds = z.number().min(0);

const settings = z.record(z.string(), json) as z.ZodType<JsonObject>;
const axes = z.record(z.string(), z.array(json).min(1));
const outcome = z.literal('failed');

const selector = settings.describe(
  'A partial configuration: it matches the experiments that have these values. Also `worker`, and `variants: {<group>: <name>}`.',
);

const experiment = z
  .looseObject({
    label: z
      .string()
      .optional()
      .describe('Names its results: a–z, 0–9 and -, up to 60. Derived from the settings when left out.'),
    worker: name.optional().describe('The worker that measures it; without it, each worker of the study does.'),
    variants: z.record(z.string(), name).optional().describe('Takes the settings of these variants: group → name.'),
    expect: outcome
      .optional()
      .describe('It must fail by its nature; then its failure is the result, and passing is the surprise.'),
  })
  .describe('One explicit experiment: its settings are merged over `base`.');

const gap = z.strictObject({
  min_s: seconds.default(0).describe('Seconds to wait at least.'),
  cycle_s: seconds
    .optional()
    .describe(
      'Seconds to wait at least between cycles, such as repetitions of all experiments; as `min_s` when left out.',
    ),
  max_s: seconds.nullable().optional().describe('Seconds to wait at most; 300 when `until` is given.'),
  until: z
    .strictObject({
      temperature_rise_c: z
        .number()
        .min(0)
        .describe(
          'Degrees Celsius above the temperature at rest. Where there is no sensor: until others use less than `neighbours.cpu_cores`.',
        ),
    })
    .optional()
    .describe('Waits until the machine has recovered, between `min_s` and `max_s`.'),
});

const neighbours = z.strictObject({
  cpu_cores: z
    .number()
    .positive()
    .nullable()
    .default(0.25)
    .describe('CPU cores that others may use, on average or for 10 s on end; null only watches.'),
  memory_bytes: z
    .int()
    .positive()
    .nullable()
    .default(2 ** 30)
    .describe('Bytes by which the memory of others may grow; null only watches.'),
  gpu_processes: z
    .int()
    .min(0)
    .nullable()
    .default(0)
    .describe('Processes of others that may compute on the GPUs that the worker sees; null only watches.'),
  action: z
    .enum(['flag', 'fail'])
    .default('flag')
    .describe('`flag` keeps a disturbed measurement with the finding `neighbour`; `fail` ends it.'),
});

export const executionSchema = z.strictObject({
  ...runnerShape,
  lanes: wholeFrom(1)
    .max(1000)
    .default(1)
    .describe('Chains into which the measurements are divided, so that as many machines can share the study.'),
  gap: gap.prefault({}).describe('The pause before each measurement.'),
  neighbours: neighbours.prefault({}).describe('What others may use of the machine during a measurement.'),
  timeout_s: z
    .number()
    .positive()
    .nullable()
    .default(null)
    .describe('Seconds that one measurement may take; without it ten times the longest so far, else by its work.'),
  phase_timeout_s: z
    .record(z.string(), z.number().positive())
    .default({})
    .describe('Seconds that single phases may take: `{loading: 600}`.'),
  stalled_s: z
    .number()
    .positive()
    .nullable()
    .default(null)
    .describe('Seconds without a sign of life; 1,800 for workers that send heartbeats when left out.'),
  memory_limit_bytes: z
    .int()
    .min(1 << 20)
    .nullable()
    .default(null)
    .describe('Memory that a worker, with all that it starts, may hold.'),
  budget_s: z
    .number()
    .positive()
    .nullable()
    .default(null)
    .describe('Seconds after the start of a run when nothing more is started; the rest stays pending.'),
  until: z
    .string()
    .regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, 'this must be a time of day from `00:00` to `24:00`')
    .nullable()
    .default(null)
    .describe('Local time, such as `07:00`, after which nothing more is started; the rest stays pending.'),
  stop_after: z
    .strictObject({
      same_failure: wholeFrom(1)
        .nullable()
        .default(null)
        .describe('Stops the study after this many equal failures in a row.'),
    })
    .prefault({})
    .describe('When to give up the rest of the study.'),
  retry: z
    .strictObject({
      times: wholeFrom(1).max(100).describe('Further attempts at one measurement in one run.'),
      on: z
        .array(z.enum(retriableTypes))
        .min(1)
        .default(['crash', 'stalled'])
        .describe('The types of failures that are worth another attempt.'),
    })
    .nullable()
    .default(null)
    .describe('Tries again right away; every attempt is kept, and the last one stands.'),
  monotone: z
    .array(name)
    .default([])
    .describe(
      'Settings of which larger values need more memory: what is larger than one that ran out of memory is skipped.',
    ),
});

const repeat = z.strictObject({
  times: wholeFrom(1).max(100_000).default(1).describe('Measurements of each experiment.'),
  order: z
    .enum(ORDERS)
    .default('interleaved')
    .describe(
      'sequential: all repetitions of an experiment together. interleaved: all experiments, again and again. shuffled: as interleaved, each cycle in its own random order. reverse: every second cycle backwards. balanced: a Williams design, in which each experiment precedes each other one equally often.',
    ),
  seed: wholeFrom(0).optional().describe("Seed of the order only; the study's seed when left out."),
});

/** Keys that say how a study is run or shown; each of them is good without the others. */
export const settingsShape = {
  description: z.string().nullable().default(null).describe('What the study is to find out.'),
  platform: name
    .nullable()
    .default(null)
    .describe("`any`, `host`, or the name of a file in studies/platforms; the worker's default when left out."),
  cpus: wholeFrom(1)
    .nullable()
    .default(null)
    .describe('CPU cores that each measurement may use; part of what is measured.'),
  seed: wholeFrom(0)
    .default(1)
    .describe('Seed of the measurements. Experiments share it, so that they differ in nothing else.'),
  invalid: z
    .enum(['fail', 'skip'])
    .default('fail')
    .describe('What becomes of invalid combinations: `fail` refuses the plan, `skip` leaves them out and lists them.'),
  repeat: repeat.prefault({}).describe('How often, and in which order.'),
  execution: executionSchema.prefault({}).describe('How to run, never what: a change measures nothing again.'),
  limits: z
    .strictObject({
      measurements: wholeFrom(1)
        .max(MOST_MEASUREMENTS)
        .default(1000)
        .describe('A plan with more measurements is refused.'),
    })
    .prefault({})
    .describe('Guards against a plan that is larger than meant.'),
  gates: z
    .record(z.string(), z.number())
    .default({})
    .describe(
      "Thresholds that differ from the kind's defaults, such as `rhat_max: 1.05`. Relaxed ones are shown with every result.",
    ),
  report: z
    .strictObject({
      baseline: selector
        .optional()
        .describe(
          'The experiments that the others are compared with: a partial configuration; also `variants`, `worker` and `label`.',
        ),
      relevant: z
        .record(z.string().min(1), z.number().positive())
        .default({})
        .describe(
          'Metric → the smallest difference that matters. Of a metric that is compared by ratio a part, such as 0.05 for 5 %; of another one in its unit. Without it the report says only whether two experiments can be told apart.',
        ),
      slo: z
        .record(z.string(), z.number().positive())
        .default({})
        .describe(
          'Service-level objectives: limits in s that each request to a server has to meet, such as `ttft_s: 0.5, tpot_s: 0.05`. They are judged when results are read: an edit measures nothing.',
        ),
      price: z
        .strictObject({
          per_hour: z.number().positive().describe('For an hour of all that a measurement uses.'),
          currency: z
            .string()
            .regex(/^[A-Z]{3}$/, 'this must be a code of three capitals, such as "USD"')
            .describe('Such as `USD`.'),
        })
        .nullable()
        .default(null)
        .describe('The price of the machine, from which costs of tokens follow. An edit measures nothing.'),
      peak: z
        .strictObject({
          tflop_per_s: z
            .partialRecord(z.enum(['float32', 'float16', 'bfloat16']), z.number().positive())
            .default({})
            .describe('By compute type, in 10¹² FLOP/s: dense, without sparsity.'),
          memory_gb_per_s: z.number().positive().nullable().default(null).describe('Memory bandwidth, in 10⁹ bytes/s.'),
        })
        .nullable()
        .default(null)
        .describe(
          'What each device can do at most, from which the achieved shares follow (MFU, MBU); it comes before what is known of a GPU. An edit measures nothing.',
        ),
    })
    .prefault({})
    .describe('What the report compares.'),
};

/** `studies/<name>/study.yaml`, as written. */
export const studySchema = z.strictObject({
  ...settingsShape,
  worker: name.optional().describe('The worker that measures: a folder in workers/.'),
  workers: z
    .array(name)
    .min(1)
    .optional()
    .describe('Several workers; each measures all that is not scoped to another one.'),
  base: settings
    .prefault({})
    .describe("Settings that all experiments share. A key that is a worker's name holds that worker's own settings."),
  sweep: axes
    .prefault({})
    .describe(
      'Axes: dotted path → values. Crossed with each other. `<worker>.<path>` multiplies only that worker’s experiments.',
    ),
  zip: z
    .array(axes)
    .default([])
    .describe(
      'Linked axes: within one block all have equally many values, and values at the same place belong together.',
    ),
  variants: z
    .record(z.string(), z.record(z.string(), settings))
    .prefault({})
    .describe(
      'Groups of named alternatives; each sets any paths. Groups are crossed with the axes and with each other.',
    ),
  exclude: z
    .array(selector)
    .default([])
    .describe('Combinations to leave out. Explicit experiments are never left out.'),
  expect: z
    .strictObject({
      failed: z
        .array(selector)
        .default([])
        .describe('Experiments that must fail by their nature, chosen as in `exclude`.'),
    })
    .prefault({})
    .describe('The outcome that some experiments must have.'),
  experiments: z
    .array(experiment)
    .default([])
    .describe(
      'Explicit experiments, in addition to the combinations. Without axes and variants they are the only ones.',
    ),
});

export type StudyFile = z.infer<typeof studySchema>;

/** A study as written, with the grammar's defaults. */
export interface Study extends StudyFile {
  /** The name of its folder. */
  name: string;
  /** The study file, relative to the workspace root, with `/`. */
  file: string;
}
