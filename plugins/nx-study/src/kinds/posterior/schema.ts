import { z } from 'zod';
import { refuseLongNames } from '../names.ts';
import { calibrationSchema } from './calibration/schema.ts';
import { priorDrawsSchema } from './prior/schema.ts';
import { overlapsSchema, predictiveSchema, sensitivitySchema } from './checks-schema.ts';

const number = z.number().nullable();
const count = z.int().min(0);
const duration_s = z.number().min(0).nullable();

const reasons = z.record(z.string(), z.string()).default({}).describe('Why a number is null, by its dotted path.');

const warnings = z.array(z.looseObject({ code: z.string(), message: z.string() })).default([]);

/** The name of a sampler: only the prior was drawn from. */
export const PRIOR = 'prior';

/** `result.json`'s payload. Further keys are kept. */
export const payloadSchema = z.looseObject({
  sampler: z.looseObject({
    name: z.string().describe('`prior` where the prior was drawn from, and nothing was sampled.'),
    chains: count.nullable(),
    tune: count.nullable().describe('Draws per chain that were discarded while tuning.'),
    draws: count.describe('Draws per chain after tuning; draws from the prior.'),
    target_accept: number.optional(),
    max_treedepth: number.optional(),
    adaptation: z.string().nullable().optional(),
  }),
  observations: count,
  parameters: count.describe('Free parameters of the model.'),
  draws_bytes: number.optional().describe('Size of the file with the draws.'),
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
  simulations: z
    .looseObject({ simulate: z.string(), fits: count, failed: count })
    .optional()
    .describe('Of fits of simulated data: how many there are, and how many of them have no draws.'),
  data: z.record(z.string(), z.json()).optional(),
  start: z.record(z.string(), z.json()).optional(),
  warnings,
  reasons,
});
export type Payload = z.infer<typeof payloadSchema>;

const variableSchema = z.looseObject({
  size: count.describe('Number of its elements.'),
  constant: count
    .default(0)
    .describe('Elements that the model itself sets to one value: they are left out of all numbers here.'),
  rhat_max: number,
  ess_bulk_min: number,
  ess_tail_min: number,
  mcse_mean_max: number.optional(),
  mcse_sd_max: number.optional(),
  gated: z.boolean().describe('Whether the gates take it into account.'),
});
export type Variable = z.infer<typeof variableSchema>;

const estimateSchema = z.looseObject({
  label: z.string().describe("Short, for a column's head; without the unit."),
  unit: z.string().default(''),
  description: z.string().describe('The meaning of the quantity, in one sentence.'),
  main: z.boolean().default(false).describe('Whether it belongs in a table on screen.'),
  mean: number,
  sd: number.describe('Its posterior standard deviation; null for a quantity that has no draws of its own.'),
  eti90: z
    .tuple([z.number(), z.number()])
    .nullable()
    .describe('The middle 90 % of its draws: the 5 % and 95 % quantiles.'),
  mcse_mean: number.describe('Monte Carlo standard error of the mean.'),
  ess_bulk: number.optional(),
  ess_tail: number.optional(),
  rhat: number.optional(),
});
export type Estimate = z.infer<typeof estimateSchema>;

const ofEach = z.array(number).nullable().optional();

const looSchema = z.looseObject({
  variable: z.string().optional().describe('The observed variable.'),
  variables: z.array(z.string()).optional().describe('The observed variables, where there are several.'),
  potentials: z.array(z.string()).default([]).describe('Of the model: what they say of data is no part of the elpd.'),
  left_out: z
    .string()
    .describe('One observation, in words: leaving out one of something else answers another question.'),
  density: z
    .string()
    .optional()
    .describe(
      'What `elpd_loo` sums the logarithms of: `probabilities`, `densities`, or both. Only equal ones can be compared.',
    ),
  elpd_loo: number.describe('Expected log predictive density, in nats, by PSIS-LOO.'),
  se: number.describe('Standard error of `elpd_loo`.'),
  p_loo: number.describe('Effective number of parameters.'),
  observations: count,
  draws_used: count,
  pareto_k: z.looseObject({
    limit: z.number().describe('Of an observation with a larger k the elpd is not reliable.'),
    above: count.describe('Observations with a larger k.'),
    max: number.optional(),
    worst: z
      .array(
        z.looseObject({
          observation: count.optional().describe('Its index.'),
          item: z.string(),
          pareto_k: number.optional(),
          elpd: number.optional(),
          p_loo: number.optional(),
          ess: number.optional(),
        }),
      )
      .optional()
      .describe('Some of them with names, the worst first.'),
    at: z
      .array(count)
      .optional()
      .describe('Indices of all of them, from 0; of several observed variables those of the next follow the first.'),
  }),
  ess_min: number
    .optional()
    .describe('The smallest effective sample size of the importance weights of one observation, in draws.'),
  observed_sha256: z.string().describe('Of the observations in their order; only equal ones can be compared.'),
  elpd_i: z
    .array(z.number())
    .nullable()
    .optional()
    .describe(
      'Of each observation, in their order, rounded, as all that ends in `_i`. Of several observed variables they stand in `loo_by`.',
    ),
  p_loo_i: ofEach.describe('The log density with the observation less that without it.'),
  pareto_k_i: ofEach.describe('Null where a tail was too short to fit.'),
  ess_i: ofEach.describe('Effective sample size of the importance weights, too high where k is above its limit.'),
});
export type Loo = z.infer<typeof looSchema>;

const histograms = z.array(z.array(count));

/** What figures of convergence are drawn from. */
const convergenceSchema = z.looseObject({
  divergences: z.array(count).describe('One value for each chain.'),
  ranks: z
    .array(
      z.looseObject({
        label: z.string(),
        bins: count,
        counts: histograms.describe(
          'For each chain how many of its draws have a rank, among the draws of all chains, in each of equally wide bins.',
        ),
      }),
    )
    .describe('Of a few quantities.'),
  energy: z
    .looseObject({
      from: z.number(),
      to: z.number(),
      bins: count,
      marginal: histograms.describe('For each chain: energy less its mean over all chains.'),
      transition: histograms.describe('For each chain: change of the energy from one draw to the next.'),
    })
    .nullable(),
});

const quantiles = z.array(z.number());

const priorSchema = z.looseObject({
  variable: z.string(),
  size: count,
  prior: z.record(z.string(), z.json()).describe('As in the configuration.'),
  probabilities: quantiles,
  prior_quantiles: quantiles,
  posterior_quantiles: quantiles.describe('Of the draws of all its elements together.'),
});

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
  draws_kept: z.looseObject({ chains: count, draws: count }).nullable(),
  basis: z
    .record(z.string(), z.string())
    .optional()
    .describe('Facts by name. Numbers of two measurements are compared only where all of them are equal.'),
  estimates: z
    .record(z.string(), estimateSchema)
    .superRefine((estimates, context) => refuseLongNames(Object.keys(estimates), context))
    .optional()
    .describe('The quantities of interest, by name, the most important first.'),
  loo: looSchema.nullable().optional().describe('Of all observations, one left out at a time.'),
  loo_by: z
    .record(z.string(), looSchema.nullable())
    .superRefine((variables, context) => refuseLongNames(Object.keys(variables), context))
    .optional()
    .describe('Of each observed variable, where there are several.'),
  calibration: calibrationSchema
    .optional()
    .describe(
      'Fits of data that were simulated from the prior. All above is then of the worst fit, or a sum over fits.',
    ),
  prior: priorDrawsSchema
    .optional()
    .describe('Of draws from the prior in place of a posterior; what every posterior has is then null or empty.'),
  convergence: convergenceSchema.optional(),
  priors: z.array(priorSchema).optional(),
  overlap: overlapsSchema
    .nullable()
    .optional()
    .describe('By variable: ∫ min(prior, posterior) of each of its elements; 1 where the data taught nothing.'),
  sensitivity: sensitivitySchema.nullable().optional(),
  predictive: z.array(predictiveSchema).optional().describe('One entry for each observed variable.'),
  warnings,
  reasons,
});
export type Derived = z.infer<typeof derivedSchema>;
