import { z } from 'zod';
import { refuseLongNames } from '../names.ts';

const number = z.number().nullable();
const count = z.int().min(0);
const duration_s = z.number().min(0).nullable();

const reasons = z.record(z.string(), z.string()).default({}).describe('Why a number is null, by its dotted path.');

const warnings = z.array(z.looseObject({ code: z.string(), message: z.string() })).default([]);

/** `result.json`'s payload. Further keys are kept. */
export const payloadSchema = z.looseObject({
  sampler: z.looseObject({
    name: z.string(),
    chains: count,
    tune: count.describe('Draws per chain that were discarded while tuning.'),
    draws: count.describe('Draws per chain after tuning.'),
    target_accept: number.optional(),
    max_treedepth: number.optional(),
    adaptation: z.string().nullable().optional(),
  }),
  observations: count,
  parameters: count.describe('Free parameters of the model.'),
  timings: z
    .looseObject({
      import_s: duration_s.optional(),
      data_s: duration_s.optional(),
      build_s: duration_s.optional(),
      compile_s: duration_s,
      sample_s: duration_s.describe('The time of sampling, tuning included.'),
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
  size: count.describe('Number of its elements.'),
  rhat_max: number,
  ess_bulk_min: number,
  ess_tail_min: number,
  mcse_mean_max: number.optional(),
  mcse_sd_max: number.optional(),
  gated: z.boolean().describe('Whether the gates take it into account.'),
});
export type Variable = z.infer<typeof variableSchema>;

/** `derived.json`'s payload: what the draws say about themselves. Further keys, such as `sections`, are kept. */
export const derivedSchema = z.looseObject({
  variables: z
    .record(z.string(), variableSchema)
    .superRefine((variables, context) => refuseLongNames(Object.keys(variables), context)),
  divergences: number.describe('Divergent transitions after tuning, over all chains.'),
  ebfmi: z.array(number).nullable().describe('One value for each chain.'),
  ebfmi_min: number,
  tree_depth: z
    .looseObject({
      max: number,
      limit: number,
      at_limit: number.describe('Draws that reached the limit.'),
    })
    .nullable(),
  gradients: number.describe('Gradient evaluations after tuning, over all chains.'),
  draws_kept: z.looseObject({ chains: count, draws: count }),
  warnings,
  reasons,
});
export type Derived = z.infer<typeof derivedSchema>;
