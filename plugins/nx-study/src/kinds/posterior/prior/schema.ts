import { z } from 'zod';
import { refuseLongNames } from '../../names.ts';
import { checksSchema } from '../checks-schema.ts';

const number = z.number().nullable();
const count = z.int().min(0);
const probabilities = z.array(z.number());
const quantiles = z.array(z.number()).nullable().describe('At `probabilities`.');

const variableSchema = z.looseObject({
  variable: z.string(),
  size: count,
  prior: z
    .record(z.string(), z.json())
    .nullable()
    .describe('As it is written; null for a variable that depends on others.'),
  probabilities,
  quantiles,
});

const estimateSchema = z.looseObject({
  label: z.string().describe("Short, for a column's head; without the unit."),
  unit: z.string().default(''),
  description: z.string(),
  main: z.boolean().default(false).describe('Whether it belongs in a table on screen.'),
  value: number.describe('The median of its draws; of a quantity without draws of its own the number.'),
  probabilities,
  quantiles,
});
export type PriorEstimate = z.infer<typeof estimateSchema>;

/** What was derived from draws of the prior, where no posterior was sampled. */
export const priorDrawsSchema = z.looseObject({
  draws: count,
  variables: z.array(variableSchema).describe('Quantiles of each variable, of the draws of all its elements together.'),
  estimates: z
    .record(z.string(), estimateSchema)
    .superRefine((estimates, context) => refuseLongNames(Object.keys(estimates), context))
    .describe('The quantities of interest, by name, the most important first.'),
  predictive: z
    .array(checksSchema.extend({ variable: z.string(), observations: count }))
    .nullable()
    .optional()
    .describe('By observed variable: data sets that the model makes, one for each draw, against the observed one.'),
});
export type PriorDraws = z.infer<typeof priorDrawsSchema>;
