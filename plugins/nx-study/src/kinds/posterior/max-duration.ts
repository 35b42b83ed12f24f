import { z } from 'zod';
import type { Work } from '../kind.ts';

// Chosen, not measured: far beyond what any model needs, so that only a worker that hangs is ended.

/** For reading data, compiling a model and writing draws. */
const BEFORE_S = 3600;
const DRAW_S = 10;
/** For settings that this kind doesn't know. */
const UNKNOWN_S = 25 * 3600;

const drawsSchema = z.looseObject({
  tune: z.number().default(1000),
  draws: z.number().default(1000),
  simulations: z.number().default(1),
});

/**
 * Seconds that a measurement certainly stays below; one that takes longer hangs: one hour, and 10 s for each draw of one
 * chain, tuning included, of each simulated fit. Chains are not counted: they run side by side, or are few.
 */
export function maxDuration_s({ configuration }: Work): number {
  const { data } = drawsSchema.safeParse(configuration);
  return data ? BEFORE_S + DRAW_S * (data.tune + data.draws) * data.simulations : UNKNOWN_S;
}
