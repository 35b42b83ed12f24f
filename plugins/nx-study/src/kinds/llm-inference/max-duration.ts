import { z } from 'zod';
import type { Work } from '../kind.ts';
import { memorySettingsSchema, workloadsOf } from './memory-settings.ts';

// Reading a model from a slow disk, compiling, starting a server.
const BEFORE_S = 3600;
// A step on the slowest machine that one would measure on, which reads a gigabyte of weights in a second.
const STEP_S = 0.25;
const BYTES_PER_S = 1e9;
const PROMPT_TOKENS_A_STEP = 16;
// Whole answers, first tokens, prefills.
const CALLS_AN_ITERATION = 3;

const iterationsSchema = z.looseObject({
  warmup: z.looseObject({ max_iterations: z.number().default(10) }).prefault({}),
  measure: z
    .looseObject({ iterations: z.number().default(10), max_s: z.number().nullable().default(null) })
    .prefault({}),
});

/** Far more than warm-up and measuring can take; an hour for all around them. */
export function maxDuration_s({ configuration, model_bytes }: Work): number {
  const settings = memorySettingsSchema.safeParse(configuration);
  const iterations = iterationsSchema.safeParse(configuration);
  if (!settings.success || !iterations.success) return 24 * BEFORE_S;
  const { warmup, measure } = iterations.data;
  const calls = CALLS_AN_ITERATION * (warmup.max_iterations + measure.iterations);
  const step_s = STEP_S + model_bytes / BYTES_PER_S;
  const steps = workloadsOf(settings.data).map(
    ({ batch_size, prompt_tokens, new_tokens }) => new_tokens + (batch_size * prompt_tokens) / PROMPT_TOKENS_A_STEP,
  );
  const longest_s = steps.reduce((sum, count) => sum + calls * count * step_s + (measure.max_s ?? 0), 0);
  return BEFORE_S + longest_s;
}
