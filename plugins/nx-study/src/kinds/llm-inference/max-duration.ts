import { z } from 'zod';
import type { Work } from '../kind.ts';
import { memorySettingsSchema, workloadsOf } from './memory-settings.ts';

// All of these are chosen, not measured and from no paper: each is beyond the slowest machine that one would measure on,
// so that only a worker that hangs is ended. The first measurement replaces them: then ten times the longest duration counts.

/** For reading a model from a slow disk, compiling, starting a server. */
const BEFORE_S = 3600;
/** A decoding step takes this long, and reads all weights once at `BYTES_PER_S`. */
const STEP_S = 0.25;
const BYTES_PER_S = 1e9;
/** Prompt tokens that are read in the time of a decoding step: few. */
const PROMPT_TOKENS_A_STEP = 16;
/** Passes for whole answers, for first tokens and for prefills. */
const CALLS_AN_ITERATION = 3;
/** For settings that this kind doesn't know. */
const UNKNOWN_S = 24 * BEFORE_S;

const iterationsSchema = z.looseObject({
  warmup: z.looseObject({ max_iterations: z.number().default(10) }).prefault({}),
  measure: z
    .looseObject({ iterations: z.number().default(10), max_s: z.number().nullable().default(null) })
    .prefault({}),
});

/**
 * Seconds that a measurement certainly stays below; one that takes longer hangs:
 *
 *     1 h + Σ over workloads of calls × steps × (0.25 s + bytes of the model / 1 GB/s) + `measure.max_s`
 *
 * with 3 × (warm-up + measured iterations) calls, and a step for each new token and for each 16 prompt tokens of the batch.
 * No tool that was looked at scales its time limit with the work; a fixed one is too short for some model, or far too long.
 */
export function maxDuration_s({ configuration, model_bytes }: Work): number {
  const settings = memorySettingsSchema.safeParse(configuration);
  const iterations = iterationsSchema.safeParse(configuration);
  if (!settings.success || !iterations.success) return UNKNOWN_S;
  const { warmup, measure } = iterations.data;
  const calls = CALLS_AN_ITERATION * (warmup.max_iterations + measure.iterations);
  const step_s = STEP_S + model_bytes / BYTES_PER_S;
  const steps = workloadsOf(settings.data).map(
    ({ batch_size, prompt_tokens, new_tokens }) => new_tokens + (batch_size * prompt_tokens) / PROMPT_TOKENS_A_STEP,
  );
  const longest_s = steps.reduce((sum, count) => sum + calls * count * step_s + (measure.max_s ?? 0), 0);
  return BEFORE_S + longest_s;
}
