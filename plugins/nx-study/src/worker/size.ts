import { z } from 'zod';

const count = z.int().min(0);

/** How large a model is, as a check knows it before anything is built, or `doctor` once it has built it. */
export const sizeSchema = z.object({
  parameters: count.describe('Free parameters of the model.'),
  observations: count.describe('Observed values, such as votes.'),
  saved: count.describe('Numbers of each draw that stay on the disk, such as elements of parameters.'),
  scalars: count
    .optional()
    .describe(
      'Those of `saved` that are a variable of one number each: the only ones whose draws `keep: summary` keeps.',
    ),
  by_draw: count
    .optional()
    .describe(
      'Numbers that are computed of each draw before draws are left out, and stay with every `keep` but all. Not counted where this is left out.',
    ),
  summary_bytes: count
    .optional()
    .describe(
      'Bytes of summaries beside those of `saved` that stay with every `keep` but all. Not counted where this is left out.',
    ),
  statistics_bytes: count
    .optional()
    .describe(
      'Bytes that statistics of the sampler take of each draw on the disk. Not counted where this is left out.',
    ),
  data_bytes: count
    .optional()
    .describe('Bytes beside the draws in the same file, such as observed values. Not counted where this is left out.'),
  data_memory_bytes: count
    .optional()
    .describe(
      'The least memory that the data take at the peak, beside libraries and draws. Not counted where this is left out.',
    ),
});
export type Size = z.infer<typeof sizeSchema>;
