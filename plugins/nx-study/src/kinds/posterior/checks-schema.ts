import { z } from 'zod';
import { refuseLongNames } from '../names.ts';

const number = z.number().nullable();
const numbers = z.array(z.number());
const count = z.int().min(0);

const oneSensitivity = z.looseObject({
  prior: z.number(),
  likelihood: z.number(),
  noise: z
    .looseObject({ prior: z.number(), likelihood: z.number() })
    .optional()
    .describe('What a quantity that depends on neither shows by chance: the largest of 19 sensitivities.'),
  diagnosis: z
    .string()
    .describe(
      '`none`, `potential prior-data conflict` or `potential strong prior / weak likelihood`, as ArviZ says it; `within Monte Carlo noise`, or that of the likelihood alone, where chance explains the numbers.',
    ),
});
export type OneSensitivity = z.infer<typeof oneSensitivity>;

/** Power-scaling: Kallioinen, Paananen, Bürkner and Vehtari (2023), doi:10.1007/s11222-023-10366-5. */
export const sensitivitySchema = z.looseObject({
  draws_used: count,
  powers: numbers.describe('To which prior or likelihood are raised.'),
  threshold: z.number().describe('From which on a quantity counts as sensitive.'),
  scaled_priors: z.array(z.string()).describe('Variables whose priors are scaled, all at once.'),
  potentials: z
    .array(z.string())
    .optional()
    .describe('Potentials of the model, which are part of its prior and never scaled.'),
  estimates: z
    .record(z.string(), oneSensitivity)
    .superRefine((estimates, context) => refuseLongNames(Object.keys(estimates), context))
    .describe(
      'By quantity of interest: how far its posterior moves for a doubling of the power, by the cumulative Jensen–Shannon distance.',
    ),
});
export type Sensitivity = z.infer<typeof sensitivitySchema>;

const element = z.looseObject({ item: z.string(), overlap: z.number() });

const overlapSchema = z.looseObject({
  elements: count,
  prior_draws: count,
  limit: z.number().describe('Above it the data say little about an element.'),
  above: count.describe('Elements with a larger overlap.'),
  mean: z.number(),
  min: element,
  max: element,
});
export type Overlap = z.infer<typeof overlapSchema>;

export const overlapsSchema = z
  .record(z.string(), overlapSchema.nullable())
  .superRefine((variables, context) => refuseLongNames(Object.keys(variables), context));

const quantitySchema = z.looseObject({
  observed: number,
  replicated: z.looseObject({ mean: number, sd: number, eti90: z.tuple([z.number(), z.number()]).nullable() }),
  p_value: number.describe(
    'Share of replicated data sets with a larger value than the observed ones, with half of those with an equal one.',
  ),
});

const quantilesSchema = z.looseObject({
  probabilities: numbers,
  observed: numbers,
  replicated_median: numbers,
  replicated_low: numbers.describe('5 % quantile over replicated data sets.'),
  replicated_high: numbers.describe('95 % quantile over replicated data sets.'),
});

const pitSchema = z.looseObject({
  observations: count.describe('Those that were looked at.'),
  histogram: z.array(count).describe('Of the places of observations, in equally wide bins from 0 to 1.'),
  points: numbers,
  difference: numbers.describe('ECDF of the places less the uniform one, at each point.'),
  low: numbers.describe('Lower end of the simultaneous band.'),
  high: numbers,
  probability: z.number().describe('With which uniform places are within the band at all points.'),
  outside: count.describe('Points outside the band.'),
});

export const checksSchema = z.looseObject({
  draws_used: number,
  quantities: z.record(z.string(), quantitySchema).nullable(),
  quantiles: quantilesSchema.nullable(),
});
export type Checks = z.infer<typeof checksSchema>;

/** Of one observed variable: data drawn from the model against those that were observed. */
export const predictiveSchema = checksSchema.extend({
  variable: z.string(),
  observations: count,
  loo_pit: pitSchema.nullable(),
  prior: checksSchema.nullable().describe('The same with data drawn under the prior.'),
});
export type Predictive = z.infer<typeof predictiveSchema>;
