import { z } from 'zod';
import { refuseLongNames } from '../../names.ts';

const number = z.number().nullable();
const count = z.int().min(0);

/** One fit of simulated data. */
const fitSchema = z.looseObject({
  index: count.describe(
    'Its place among all fits of the study, from 0; the same however measurements divide the fits.',
  ),
  seed: count,
  rhat_max: number.describe('Highest R-hat of the ranked variables.'),
  ess_min: number.describe('Lowest effective sample size of the ranked variables, bulk or tail.'),
  divergences: number,
  gradients: number,
  flags: z.array(z.string()).describe('What is wrong with its draws, in words. A flagged fit is counted all the same.'),
});
export type CalibrationFit = z.infer<typeof fitSchema>;

const quantitySchema = z.looseObject({
  prior_sd: number.describe('Standard deviation of prior draws; null for a quantity that depends on the data.'),
  rank: z.array(count.nullable()).describe('For each fit how many ranked draws lie below the true value.'),
  z: z.array(number).describe('For each fit (posterior mean − true value) / posterior standard deviation.'),
  contraction: z.array(number).describe('For each fit 1 − posterior variance / prior variance.'),
  covered: z
    .record(z.string(), z.array(z.boolean().nullable()))
    .describe('By level in percent: for each fit whether the central interval has the true value.'),
});
export type CalibrationQuantity = z.infer<typeof quantitySchema>;

/** The simulated fits of one measurement. */
export const calibrationSchema = z
  .looseObject({
    simulate: z.string().describe('Where parameters are drawn from: prior.'),
    draws_ranked: count.describe('Draws of each fit among which the true value has a rank, evenly thinned.'),
    rhat_limit: z.number().describe('A fit with a higher R-hat is flagged.'),
    left_out: z.record(z.string(), count).describe('Elements of a variable that are not ranked.'),
    fits: z.array(fitSchema),
    quantities: z
      .record(z.string(), quantitySchema)
      .superRefine((quantities, context) => refuseLongNames(Object.keys(quantities), context)),
  })
  .superRefine(({ fits, quantities }, context) => {
    for (const [name, { rank, z: scores, contraction, covered }] of Object.entries(quantities))
      for (const list of [rank, scores, contraction, ...Object.values(covered)])
        if (list.length !== fits.length)
          context.addIssue({
            code: 'custom',
            message: `${name} has ${list.length} values for ${fits.length} fits`,
            path: ['quantities', name],
          });
  });
export type Calibration = z.infer<typeof calibrationSchema>;
