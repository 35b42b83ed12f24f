import { z } from 'zod';
import { refuseLongNames } from '../names.ts';

const number = z.number().nullable();
const count = z.int().min(0);
const duration_s = z.number().min(0).nullable();

/** Why a number is null: dotted path of the number → text. */
const reasons = z.record(z.string(), z.string()).default({});

const warnings = z.array(z.looseObject({ code: z.string(), message: z.string() })).default([]);

/** `result.json`'s payload. Further keys are kept. */
export const payloadSchema = z.looseObject({
  sampler: z.looseObject({
    name: z.string(),
    chains: count,
    /** Draws per chain that were discarded while tuning. */
    tune: count,
    /** Draws per chain after tuning. */
    draws: count,
    target_accept: number.optional(),
    max_treedepth: number.optional(),
    adaptation: z.string().nullable().optional(),
  }),
  observations: count,
  /** Free parameters of the model. */
  parameters: count,
  timings: z
    .looseObject({
      import_s: duration_s.optional(),
      data_s: duration_s.optional(),
      build_s: duration_s.optional(),
      compile_s: duration_s,
      /** Tuning included. */
      sample_s: duration_s,
      write_s: duration_s.optional(),
    })
    .catchall(z.json()),
  memory: z.looseObject({ rss_peak_bytes: number }),
  versions: z.record(z.string(), z.string().nullable()),
  data: z.record(z.string(), z.json()).optional(),
  start: z.record(z.string(), z.json()).optional(),
  warnings,
  reasons,
});
export type Payload = z.infer<typeof payloadSchema>;

const variableSchema = z.looseObject({
  /** Number of its elements. */
  size: count,
  rhat_max: number,
  ess_bulk_min: number,
  ess_tail_min: number,
  mcse_mean_max: number.optional(),
  mcse_sd_max: number.optional(),
  /** Whether the gates look at it. */
  gated: z.boolean(),
});
export type Variable = z.infer<typeof variableSchema>;

/** `derived.json`'s payload: what the draws say about themselves. Further keys, such as `sections`, are kept. */
export const derivedSchema = z.looseObject({
  variables: z
    .record(z.string(), variableSchema)
    .superRefine((variables, context) => refuseLongNames(Object.keys(variables), context)),
  /** Divergent transitions after tuning, over all chains. */
  divergences: number,
  /** One for each chain. */
  ebfmi: z.array(number).nullable(),
  ebfmi_min: number,
  tree_depth: z
    .looseObject({
      max: number,
      limit: number,
      /** Draws that reached the limit. */
      at_limit: number,
    })
    .nullable(),
  /** Gradient evaluations after tuning, over all chains. */
  gradients: number,
  draws_kept: z.looseObject({ chains: count, draws: count }),
  warnings,
  reasons,
});
export type Derived = z.infer<typeof derivedSchema>;
